//! Intervals of numbers, and which of them a number lies in.

use super::program::Num;

/// Closed intervals, sorted by their lower end and read as a balanced tree: the middle of a slice is the
/// root, its halves are the subtrees.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    spans: Vec<Span>,
}

#[derive(Debug)]
struct Span {
    low: Num,
    high: Num,
    /// The highest upper end in the subtree.
    highest: Num,
    filter: u32,
}

impl Ranges {
    pub(super) fn insert(&mut self, low: Num, high: Num, filter: u32) {
        self.spans.push(Span { low, high, highest: high, filter });
    }

    /// After the last insertion.
    pub(super) fn finish(&mut self) {
        self.spans.sort_by(|a, b| a.low.compare(b.low));
        highest(&mut self.spans);
    }

    /// How much memory they take, in bytes.
    pub(super) fn size(&self) -> usize {
        self.spans.capacity() * size_of::<Span>()
    }

    /// Hands over the filters of all intervals that `number` lies in.
    pub(super) fn find(&self, number: Num, found: &mut impl FnMut(u32)) {
        find(&self.spans, number, found);
    }
}

fn find(spans: &[Span], number: Num, found: &mut impl FnMut(u32)) {
    let middle = spans.len() / 2;
    let Some(root) = spans.get(middle) else { return };
    if root.highest.compare(number).is_lt() {
        return;
    }
    find(&spans[..middle], number, found);
    if root.low.compare(number).is_le() {
        if root.high.compare(number).is_ge() {
            found(root.filter);
        }
        find(&spans[middle + 1..], number, found);
    }
}

/// Notes the highest upper end of every subtree, and gives that of the whole.
fn highest(spans: &mut [Span]) -> Option<Num> {
    let middle = spans.len() / 2;
    let (left, rest) = spans.split_at_mut(middle);
    let (root, right) = rest.split_first_mut()?;
    for below in [highest(left), highest(right)].into_iter().flatten() {
        if below.compare(root.highest).is_gt() {
            root.highest = below;
        }
    }
    Some(root.highest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Number;

    #[test]
    fn finds_every_interval_around_a_number() {
        let mut random = 7u64;
        let mut next = |limit: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i128::from((random >> 33) % limit)
        };
        for count in 0..60u32 {
            let spans: Vec<_> = (0..count).map(|_| (next(40), next(20))).collect();
            let mut ranges = Ranges::default();
            for (n, (low, length)) in spans.iter().enumerate() {
                let num = |int| Num::new(Number::Int(int));
                ranges.insert(num(*low), num(low + length), n as u32);
            }
            ranges.finish();
            for number in -1..62 {
                let mut found = Vec::new();
                ranges.find(Num::new(Number::Int(number)), &mut |filter| found.push(filter as usize));
                found.sort_unstable();
                let inside = |(low, length): &(i128, i128)| (*low..=low + length).contains(&number);
                let wanted: Vec<_> = (0..spans.len()).filter(|n| inside(&spans[*n])).collect();
                assert_eq!(found, wanted, "{number} in {spans:?}");
            }
        }
    }
}
