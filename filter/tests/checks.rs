//! Every mistake that a filter can have: its place and its message.

#![allow(clippy::unwrap_used, reason = "what is wrong with a test's own data may stop the test")]

use triggerfish_filter::{Filter, Root, check, operator, syntax};

/// `pointer: first line | second line` for each problem of a filter.
fn problems(text: &str, root: Root) -> Vec<String> {
    let problems = Filter::from_json_text(text, root).err().unwrap_or_default();
    problems.iter().map(|p| format!("{}: {}", p.at, p.to_string().replace('\n', " | "))).collect()
}

/// The problems of `value` as the list or object of the field `k`, under either root.
fn of_field(value: &str) -> Vec<String> {
    let text = format!(r#"{{"body":{{"k":{value}}}}}"#);
    let payload = problems(&text, Root::Payload);
    assert_eq!(payload, problems(&text, Root::Request), "grammar does not depend on the root: {text}");
    payload.iter().map(|problem| problem.strip_prefix("/body/k").unwrap_or(problem).into()).collect()
}

macro_rules! rejects {
    ($($(#[$doc:meta])* $name:ident: $($value:literal => [$($message:literal),* $(,)?]),+ $(,)?;)*) => {
        $($(#[$doc])* #[test] fn $name() { $(assert_eq!(of_field($value), [$($message),*] as [&str; _], "{}", $value);)+ })*
    };
}

rejects! {
    unknown_operators:
        r#"[{"$startWith":"a"}]"# => ["/0/$startWith: unknown operator `$startWith` | help: did you mean `$startsWith`?"],
        r#"[{"startsWith":"a"}]"# => ["/0/startsWith: unknown operator `startsWith` | help: did you mean `$startsWith`?"],
        r#"[{"$matches":"a"}]"# => ["/0/$matches: unknown operator `$matches` | help: the operators are `$startsWith`, \
            `$endsWith`, `$ignoreCaseEquals`, `$exists`, `$isNull`, `$anythingBut`, `$not`, `$gt`, `$gte`, `$lt`, `$lte`, \
            `$between`, `$includes`"];
    operators_of_other_languages:
        r#"[{"prefix":"a"}]"# => ["/0/prefix: `prefix` is no operator here | help: write `$startsWith`"],
        r#"[{"numeric":[">",1]}]"# => ["/0/numeric: `numeric` is no operator here | help: write `$gt`, `$gte`, `$lt`, `$lte` or `$between`"],
        r#"[{"$in":["a"]}]"# => ["/0/$in: `$in` is no operator here | help: write a plain list: `[\"a\", \"b\"]`"],
        r#"[{"$ne":1}]"# => ["/0/$ne: `$ne` is no operator here | help: write `$not` or `$anythingBut`"];
    empty_lists:
        "[]" => [": an empty list decides nothing | help: list the values to accept, or remove `k`"],
        r#"[{"$anythingBut":[]}]"# => ["/0/$anythingBut: an empty list decides nothing | help: list the values to accept, or remove `$anythingBut`"];
    bare_values:
        r#""X""# => [": the values that a field may have stand in a list | help: write `[\"X\"]`"],
        "5" => [": the values that a field may have stand in a list | help: write `[5]`"],
        "null" => [": `null` is no value to compare with | help: write `{ $isNull: true }`"];
    mixed_lists:
        r#"["a",1]"# => ["/1: the literals of a list have one type: the first is a string, this is a number"],
        r#"[true,"a",1]"# => [
            "/1: the literals of a list have one type: the first is a boolean, this is a string",
            "/2: the literals of a list have one type: the first is a boolean, this is a number",
        ],
        r#"["a",{"$startsWith":"b"}]"# => ["/1: a list holds either literals or operators | help: of literals any may match, \
            operators must all match; two jobs make an \"or\" of them"],
        r#"[{"$anythingBut":["a",1]}]"# => ["/0/$anythingBut/1: the literals of a list have one type: the first is a string, this is a number"];
    several_operators_in_one_entry:
        r#"[{"$gt":1,"$lt":5}]"# => ["/0/$lt: one operator for each entry | help: write `[{ $gt: .. }, { $lt: .. }]`: entries must all match"];
    null_literals:
        "[null]" => ["/0: `null` is no value to compare with | help: write `{ $isNull: true }`"],
        r#"["a",null]"# => ["/1: `null` is no value to compare with | help: write `{ $isNull: true }`"],
        r#"[{"$not":null}]"# => ["/0/$not: `null` is no value to compare with | help: write `{ $isNull: true }`"],
        r#"[{"$anythingBut":["a",null]}]"# => ["/0/$anythingBut/1: `null` is no value to compare with | help: write `{ $isNull: true }`"];
    wrong_operands:
        r#"[{"$gt":"5"}]"# => ["/0/$gt: `$gt` takes a number; this is a string"],
        r#"[{"$gte":[5]}]"# => ["/0/$gte: `$gte` takes a number; this is a list"],
        r#"[{"$exists":1}]"# => ["/0/$exists: `$exists` takes `true` or `false`; this is a number"],
        r#"[{"$isNull":null}]"# => ["/0/$isNull: `$isNull` takes `true` or `false`; this is null"],
        r#"[{"$startsWith":3}]"# => ["/0/$startsWith: `$startsWith` takes a string; this is a number"],
        r#"[{"$between":[1]}]"# => ["/0/$between: `$between` takes two numbers, the lower first; this is a list of 1"],
        r#"[{"$between":5}]"# => ["/0/$between: `$between` takes two numbers, the lower first; this is a number"],
        r#"[{"$between":["a",false]}]"# => [
            "/0/$between/0: `$between` takes two numbers, the lower first; this is a string",
            "/0/$between/1: `$between` takes two numbers, the lower first; this is a boolean",
        ],
        r#"[{"$includes":["a"]}]"# => ["/0/$includes: `$includes` takes a string, a number or a boolean; this is a list"],
        r#"[{"$not":{"a":1}}]"# => ["/0/$not: `$not` takes a string, a number or a boolean; this is an object"],
        r#"[{"$anythingBut":[["a"]]}]"# => ["/0/$anythingBut/0: `$anythingBut` takes a string, a number, a boolean, or a list of one of these; this is a list"];
    empty_intervals:
        r#"[{"$between":[9,3]}]"# => ["/0/$between: `$between` needs its lower bound first: got [9, 3]"],
        r#"[{"$gt":5},{"$lt":5}]"# => ["/1: `$lt: 5` can never match together with `$gt: 5`: no number satisfies both"],
        r#"[{"$gte":6},{"$lt":6}]"# => ["/1: `$lt: 6` can never match together with `$gte: 6`: no number satisfies both"],
        r#"[{"$gte":6},{"$lte":6}]"# => [],
        r#"[{"$gt":5},{"$lt":5.5}]"# => [],
        r#"[{"$between":[1,2]},{"$lt":0},{"$gt":3}]"# => [
            "/1: `$lt: 0` can never match together with `$between: [1, 2]`: no number satisfies both",
            "/2: `$gt: 3` can never match together with `$between: [1, 2]`: no number satisfies both",
        ];
    contradictions:
        r#"[{"$exists":false},{"$startsWith":"a"}]"# => ["/1: `$startsWith: \"a\"` can never match together with `$exists: false`: \
            the one needs nothing there, the other a string"],
        r#"[{"$isNull":true},{"$gt":1}]"# => ["/1: `$gt: 1` can never match together with `$isNull: true`: the one needs null, the other a number"],
        r#"[{"$startsWith":"a"},{"$startsWith":"b"}]"# => ["/1: `$startsWith: \"b\"` can never match together with `$startsWith: \"a\"`: no string starts with both"],
        r#"[{"$startsWith":"a"},{"$startsWith":"ab"}]"# => [],
        r#"[{"$endsWith":"a"},{"$endsWith":"ab"}]"# => ["/1: `$endsWith: \"ab\"` can never match together with `$endsWith: \"a\"`: no string ends with both"],
        r#"[{"$gt":1},{"$startsWith":"a"}]"# => ["/1: `$startsWith: \"a\"` can never match together with `$gt: 1`: the one needs a number, the other a string"],
        r#"[{"$includes":"a"},{"$gt":1}]"# => ["/1: `$gt: 1` can never match together with `$includes: \"a\"`: the one needs an array, the other a number"],
        r#"[{"$includes":"a"},{"$not":"a"}]"# => ["/1: `$not: \"a\"` can never match together with `$includes: \"a\"`: the one needs the value that the other excludes"],
        r#"[{"$includes":"a"},{"$not":"b"}]"# => [],
        r#"[{"$exists":false},{"$not":"a"}]"# => ["/1: `$not: \"a\"` can never match together with `$exists: false`: \
            the one needs nothing there, the other a string, a number, a boolean or an array"],
        r#"[{"$exists":false},{"$anythingBut":"a"},{"$isNull":false}]"# => [],
        r#"[{"$exists":true},{"$exists":false}]"# => ["/1: `$exists: false` can never match together with `$exists: true`: the one needs a value, the other nothing there"],
        r#"[{"$ignoreCaseEquals":"Straße"},{"$startsWith":"STR"}]"# => [],
        r#"[{"$ignoreCaseEquals":"abc"},{"$endsWith":"d"}]"# => ["/1: `$endsWith: \"d\"` can never match together with `$ignoreCaseEquals: \"abc\"`: no string satisfies both"],
        r#"[{"$ignoreCaseEquals":"abc"},{"$ignoreCaseEquals":"ABC"}]"# => [],
        r#"[{"$ignoreCaseEquals":"abc"},{"$ignoreCaseEquals":"abd"}]"# => ["/1: `$ignoreCaseEquals: \"abd\"` can never match together with `$ignoreCaseEquals: \"abc\"`: no string satisfies both"],
        r#"[{"$anythingBut":3},{"$between":[3,4]}]"# => [],
        r#"[{"$between":[3,3]},{"$not":3}]"# => ["/1: `$not: 3` can never match together with `$between: [3, 3]`: the one needs the value that the other excludes"];
    keys_given_twice:
        r#"{"a":[1],"a":[2]}"# => ["/a: `a` is given twice in this object"];
    what_is_no_number:
        "[18446744073709551615, -9223372036854775808, 1e300]" => [];
    empty_objects:
        "{}" => [": `{}` says nothing about `k` | help: write `[{ $exists: true }]`, or remove `k`"];
    operators_outside_lists:
        r#"{"$gt":1}"# => ["/$gt: operators stand in a list | help: write `[{ $gt: .. }]`"],
        r#"{"$gth":1}"# => ["/$gth: operators stand in a list | help: write `[{ $gth: .. }]`"],
        r#"{"$ref":["x"]}"# => [];
    other_things_in_lists:
        "[{}]" => ["/0: an operator is missing | help: for example `{ $exists: true }`"],
        r#"[["a"]]"# => ["/0: a list holds literals or operators, not lists"],
        r#"[{"name":["x"]}]"# => ["/0/name: `name` is no operator, and a list holds literals or operators | \
            help: to look into the elements of an array leave the `[ ]` out: `{ name: .. }`"];
    /// One build shows them all.
    every_mistake_at_once:
        r#"{"a":[],"b":"x","c":[{"$gt":"1"},{"$lte":null}],"d":{"e":[null]},"f":["ok"]}"# => [
            "/a: an empty list decides nothing | help: list the values to accept, or remove `a`",
            "/b: the values that a field may have stand in a list | help: write `[\"x\"]`",
            "/c/0/$gt: `$gt` takes a number; this is a string",
            "/c/1/$lte: `$lte` takes a number; this is null",
            "/d/e/0: `null` is no value to compare with | help: write `{ $isNull: true }`",
        ];
}

fn of_request(text: &str) -> Vec<String> {
    assert_eq!(problems(text, Root::Payload), [""; 0], "only requests have these problems: {text}");
    problems(text, Root::Request)
}

#[test]
fn requests_have_four_parts() {
    assert_eq!(
        of_request(r#"{"boby":{"a":[1]}}"#),
        ["/boby: a request has no part `boby` | help: did you mean `body`?"]
    );
    assert_eq!(
        of_request(r#"{"header":{"a":["1"]}}"#),
        ["/header: a request has no part `header` | help: did you mean `headers`?"]
    );
    assert_eq!(
        of_request(r#"{"path":["/"]}"#),
        ["/path: a request has no part `path` | help: it has `method`, `headers`, `query` and `body`"]
    );
    assert_eq!(
        of_request(r#"{"body":["x"]}"#),
        ["/body: `body` is an object | help: name a field of it: `body: { name: [..] }`"]
    );
    assert_eq!(
        of_request(r#"{"query":["x"]}"#),
        ["/query: `query` is an object | help: name a field of it: `query: { name: [..] }`"]
    );
}

#[test]
fn methods_are_those_that_are_sent() {
    assert_eq!(of_request(r#"{"method":["GET","POST","PUT","PATCH","DELETE","HEAD","OPTIONS"]}"#), [""; 0]);
    assert_eq!(
        of_request(r#"{"method":["get"]}"#),
        ["/method/0: \"get\" is no HTTP method | help: did you mean `\"GET\"`?"]
    );
    assert_eq!(
        of_request(r#"{"method":["FETCH"]}"#),
        [
            "/method/0: \"FETCH\" is no HTTP method | help: they are GET, POST, PUT, PATCH, DELETE, HEAD and OPTIONS"
        ]
    );
    assert_eq!(of_request(r#"{"method":[1]}"#), ["/method/0: methods are strings; this is 1"]);
    assert_eq!(
        of_request(r#"{"method":[{"$not":"GET"}]}"#),
        ["/method/0: `method` takes no `$not` | help: list the methods: `[\"POST\", \"PUT\"]`"]
    );
    assert_eq!(
        of_request(r#"{"method":{"a":["GET"]}}"#),
        ["/method: `method` is a list | help: for example `[\"POST\"]`"]
    );
    let empty = problems(r#"{"method":[]}"#, Root::Request);
    assert_eq!(
        empty,
        ["/method: an empty list decides nothing | help: list the values to accept, or remove `method`"]
    );
}

#[test]
fn headers_and_parameters_are_strings() {
    for section in ["headers", "query"] {
        let of = |list: &str| of_request(&format!(r#"{{"{section}":{{"page":{list}}}}}"#));
        assert_eq!(
            of("[1]"),
            [format!("/{section}/page/0: values of `{section}` are strings | help: write `\"1\"`")]
        );
        assert_eq!(
            of(r#"[{"$not":true}]"#),
            [format!("/{section}/page/0/$not: values of `{section}` are strings | help: write `\"true\"`")]
        );
        for operator in [r#""$gt":5"#, r#""$between":[1,2]"#, r#""$includes":"a""#, r#""$isNull":false"#] {
            let name = operator.split('"').nth(1).unwrap();
            let wanted = format!(
                "/{section}/page/0: `{name}` can decide nothing here: values of `{section}` are strings"
            );
            assert_eq!(of(&format!("[{{{operator}}}]")), [wanted]);
        }
        for operator in [
            r#""$exists":false"#,
            r#""$not":"a""#,
            r#""$anythingBut":["a"]"#,
            r#""$startsWith":"a""#,
            r#""$endsWith":"a""#,
            r#""$ignoreCaseEquals":"a""#,
        ] {
            assert_eq!(of(&format!("[{{{operator}}}]")), [""; 0]);
        }
        assert_eq!(
            of(r#"{"b":["x"]}"#),
            [format!(
                "/{section}/page: values of `{section}` are strings, they have no fields | help: write a list: `[\"..\"]`"
            )]
        );
    }
}

#[test]
fn names_of_headers_are_tokens_in_any_case() {
    assert_eq!(
        of_request(r#"{"headers":{"x github event":["a"]}}"#),
        ["/headers/x github event: `x github event` is no header name: ' ' is not allowed in one"]
    );
    assert_eq!(of_request(r#"{"headers":{"":["a"]}}"#), ["/headers/: the name of a header is empty"]);
    assert_eq!(
        of_request(r#"{"headers":{"X-A":["a"],"x-a":["b"]}}"#),
        ["/headers/x-a: `x-a` is given twice in this object"]
    );
    let filter = Filter::from_json_text(r#"{"headers":{"X-GitHub-Event":["Push"]}}"#, Root::Request).unwrap();
    assert_eq!(filter.to_string(), r#"{ headers: { "x-github-event": ["Push"] } }"#);
}

#[test]
fn filters_have_limits() {
    let nested = |levels: usize| format!("{}{}{}", r#"{"a":"#.repeat(levels), "[1]", "}".repeat(levels));
    assert_eq!(problems(&nested(32), Root::Payload), [""; 0]);
    let at = "/a".repeat(32);
    assert_eq!(problems(&nested(33), Root::Payload), [format!("{at}: a filter has at most 32 levels")]);
    let wide = |lists: usize| {
        format!("{{{}}}", (0..lists).map(|n| format!("\"k{n}\":[1]")).collect::<Vec<_>>().join(","))
    };
    assert_eq!(problems(&wide(256), Root::Payload), [""; 0]);
    assert_eq!(problems(&wide(300), Root::Payload), ["/k256: a filter has at most 256 lists"]);
}

#[test]
fn what_is_not_an_object_or_not_json_is_refused() {
    assert_eq!(
        problems("[1]", Root::Payload),
        [": a filter is an object, not a list | help: for example `{ body: { type: [\"x\"] } }`"]
    );
    assert_eq!(problems("{", Root::Payload), [": not JSON: EOF while parsing an object at line 1 column 1"]);
    assert_eq!(problems("{} {}", Root::Payload), [": not JSON: trailing characters at line 1 column 4"]);
    assert_eq!(problems("{}", Root::Request), [""; 0], "the filter that lets everything pass");
    assert_eq!(
        problems(r#"{"a":[18446744073709551617.0]}"#, Root::Payload),
        [""; 0],
        "a double, and equal to what readers make of 18446744073709551616"
    );
}

#[test]
fn places_are_json_pointers() {
    assert_eq!(problems(r#"{"a/b~c":[null]}"#, Root::Payload).first().map(|p| &p[..10]), Some("/a~1b~0c/0"));
}

#[test]
fn functions_name_operators_too() {
    for known in operator::OPERATORS {
        assert_eq!(operator::from_function(known.function).map(|found| found.name), Ok(known.name));
    }
    let message = |name| operator::from_function(name).unwrap_err().to_string();
    assert_eq!(message("start_with"), "unknown operator `start_with`\nhelp: did you mean `starts_with`?");
    assert!(
        message("matches").starts_with("unknown operator `matches`\nhelp: the operators are `starts_with`, ")
    );
}

/// A front end reports what it cannot read; the checks neither repeat that nor stop there.
#[test]
fn unreadable_parts_are_passed_over() {
    use syntax::{Entry, Node, Value};
    let value = |value| Node::Value { value, at: 1 };
    let list = |items| Node::List { items, at: 2 };
    let field = |key: &str, value| Entry::Field { key: key.into(), at: 3, value };
    let object = |entries| Node::Object { entries, at: 4 };
    let text = |text: &str| value(Value::Str(text.into()));

    let only_bad =
        object(vec![field("a", Node::Bad), Entry::Bad, field("b", list(vec![Node::Bad, text("x")]))]);
    let checked = check(&only_bad, Root::Payload);
    assert_eq!(checked.problems(), []);
    assert_eq!(checked.fields().len(), 1, "what could be read is still there, for checks against types");
    assert_eq!(checked.into_filter(), Err(vec![]));

    let operators = vec![
        object(vec![field("$gt", Node::Bad)]),
        object(vec![field("$between", list(vec![Node::Bad, text("x")]))]),
        object(vec![Entry::Bad]),
        object(vec![field("$anythingBut", list(vec![Node::Bad]))]),
    ];
    let checked = check(&object(vec![field("a", list(operators)), field("b", list(vec![]))]), Root::Payload);
    let messages: Vec<_> = checked.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        [
            "`$between` takes two numbers, the lower first; this is a string",
            "an empty list decides nothing\nhelp: list the values to accept, or remove `b`",
        ]
    );
}

#[test]
fn numbers_beyond_json_are_refused() {
    use syntax::{Entry, Node, Value};
    use triggerfish_filter::Number;
    let message = |value| {
        let list = Node::List { items: vec![Node::Value { value, at: () }], at: () };
        let tree =
            Node::Object { entries: vec![Entry::Field { key: "a".into(), at: (), value: list }], at: () };
        check(&tree, Root::Payload).into_filter().map_err(|problems| problems[0].to_string())
    };
    assert_eq!(
        message(Value::NotANumber("1e400".into())).unwrap_err(),
        "`1e400` is no number that JSON can hold exactly"
    );
    assert!(message(Value::Num(Number::Float(f64::NAN))).is_err());
    assert!(message(Value::Num(Number::Int((1 << 64) + 1))).is_err());
    assert!(message(Value::Num(Number::Int(1 << 64))).is_ok());
}
