//! Intervals of numbers, and which of them a number lies in.

use super::program::Num;

/// So many intervals are passed over at once, or looked at one by one.
const BLOCK: usize = 32;

/// Closed intervals, sorted by their lower end.
#[derive(Debug, Default)]
pub(super) struct Ranges {
    spans: Vec<Span>,
    /// Of each block of them.
    blocks: Vec<Block>,
}

#[derive(Debug)]
struct Span {
    low: Num,
    high: Num,
    filter: u32,
}

#[derive(Debug)]
struct Block {
    /// The highest upper end in it.
    highest: Num,
    /// The same in it and all blocks before it.
    reach: Num,
}

impl Ranges {
    pub(super) fn insert(&mut self, low: Num, high: Num, filter: u32) {
        self.spans.push(Span { low, high, filter });
    }

    /// After the last insertion.
    pub(super) fn finish(&mut self) {
        self.spans.shrink_to_fit();
        self.spans.sort_unstable_by(|a, b| a.low.compare(b.low));
        self.blocks.reserve_exact(self.spans.len().div_ceil(BLOCK));
        let mut reach = Num::NEGATIVE_INFINITE;
        for spans in self.spans.chunks(BLOCK) {
            let highest = spans.iter().fold(Num::NEGATIVE_INFINITE, |most, span| higher(most, span.high));
            reach = higher(reach, highest);
            self.blocks.push(Block { highest, reach });
        }
    }

    /// How much memory they take, in bytes.
    pub(super) fn size(&self) -> usize {
        self.spans.capacity() * size_of::<Span>() + self.blocks.capacity() * size_of::<Block>()
    }

    /// Hands over the filters of all intervals that `number` lies in.
    pub(super) fn find(&self, number: Num, found: &mut impl FnMut(u32)) {
        let begun = self.spans.partition_point(|span| span.low.compare(number).is_le());
        let blocks = &self.blocks[..begun.div_ceil(BLOCK)];
        for (spans, block) in self.spans[..begun].chunks(BLOCK).zip(blocks).rev() {
            if block.reach.compare(number).is_lt() {
                return;
            }
            if block.highest.compare(number).is_ge() {
                let open = spans.iter().filter(|span| span.high.compare(number).is_ge());
                open.for_each(|span| found(span.filter));
            }
        }
    }
}

fn higher(a: Num, b: Num) -> Num {
    if a.compare(b).is_lt() { b } else { a }
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
        for count in (0..60u32).chain([200, 1_000]) {
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
