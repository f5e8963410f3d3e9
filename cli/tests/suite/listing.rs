//! What is there to see: tables for people, JSON for scripts.

use crate::app::{App, cells, text};

#[tokio::test]
async fn endpoints_are_listed() {
    let app = App::start().await;
    let [head, other, row] = cells(&app.out(&["endpoints"]).await).try_into().unwrap();
    assert_eq!(head, ["ID", "URL", "VERIFIED", "JOBS"]);
    assert_eq!((other[0].as_str(), other[3].as_str()), ("counter", "counter/ask"));
    assert_eq!((row[0].as_str(), row[3].as_str()), ("desk", "desk/charge"));
    assert!(row[1].ends_with("/hooks/desk"), "{row:?}");
    let [_, endpoint] = app.json(&["endpoints"]).await.try_into().unwrap();
    assert_eq!(text(&endpoint, "title"), "The desk");
    assert_eq!(text(&endpoint["jobs"][0], "id"), "desk/charge");
}

#[tokio::test]
async fn requests_are_listed_the_newest_first_and_filtered() {
    let app = App::start().await;
    assert_eq!(cells(&app.out(&["requests"]).await).len(), 1, "nothing but the head");
    assert_eq!(app.out(&["requests", "--json"]).await, "");
    let (small, large) = (app.order(3).await, app.order(30).await);
    app.run_that_is("done").await;
    let [head, first, second] = cells(&app.out(&["requests"]).await).try_into().unwrap();
    assert_eq!(head, ["TIME", "OUTCOME", "ENDPOINT", "STATUS", "RUNS, OR WHY NONE", "ID"]);
    assert_eq!(first[1..], ["accepted", "desk", "200", "desk/charge", &large]);
    let why = "desk/charge: body.amount is 3, wants $gt: 10";
    assert_eq!(second[1..], ["filtered", "desk", "200", why, &small]);
    for (args, expected) in [
        (&["--outcome", "filtered"][..], vec![&small]),
        (&["--outcome", "filtered,accepted", "-n", "1"], vec![&large]),
        (&["--endpoint", "none"], vec![]),
        (&["--text", "\"amount\":30"], vec![&large]),
        (&["--since", "1h"], vec![&large, &small]),
    ] {
        let rows = app.json(&[&["requests"], args].concat()).await;
        assert_eq!(
            rows.iter().map(|row| text(row, "id")).collect::<Vec<_>>().iter().collect::<Vec<_>>(),
            expected
        );
    }
    let wrong = app.run(&["requests", "--outcome", "lost"]).await;
    assert!(!wrong.ok && wrong.err.contains("accepted, filtered"), "{wrong:?}");
}

#[tokio::test]
async fn runs_are_listed_with_their_errors() {
    let app = App::start().await;
    app.order(30).await;
    app.run_that_is("done").await;
    app.bank.decline(true);
    app.order(31).await;
    let failed = app.run_that_is("failed").await;
    let [head, first, second] = cells(&app.out(&["runs"]).await).try_into().unwrap();
    assert_eq!(head, ["MADE", "STATE", "JOB", "ATTEMPT", "TOOK", "ERROR", "ID"]);
    assert_eq!(first[1..4], ["failed", "desk/charge", "1"]);
    assert!(first[5].contains("the charge of 31 was declined"), "{first:?}");
    assert_eq!(first.last(), Some(&failed));
    assert_eq!(second[1..4], ["done", "desk/charge", "1"]);
    let [run] = app
        .json(&["runs", "--job", "desk/charge", "--state", "failed", "--since", "1h"])
        .await
        .try_into()
        .unwrap();
    assert_eq!(text(&run, "id"), failed);
    assert_eq!(app.json(&["runs", "--job", "none"]).await.len(), 0);
}

#[tokio::test]
async fn problems_are_told() {
    let app = App::start().await;
    assert_eq!(app.out(&["problems"]).await, "all is well\n");
    app.bank.decline(true);
    app.order(30).await;
    let run = app.run_that_is("failed").await;
    app.run(&["send", "desk", "--body", "{}", "-H", "x-desk-signature: 00", "--signature", "as_received"])
        .await;
    let told = app.out(&["problems", "--since", "1h"]).await;
    assert!(told.contains("1 runs of desk/charge failed, last "), "{told}");
    assert!(told.contains("the charge of 30 was declined"), "{told}");
    assert!(told.contains(&format!("/_triggerfish/runs/{run}\n")), "{told}");
    assert!(told.contains("1 requests to desk rejected, last "), "{told}");
    let [all] = app.json(&["problems"]).await.try_into().unwrap();
    assert_eq!((&all["failures"][0]["count"], &all["rejections"][0]["count"]), (&1.into(), &1.into()));
}
