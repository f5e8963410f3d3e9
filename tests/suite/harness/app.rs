//! A runtime in this process, served on a real socket.

use super::{Board, Call, logs, until};
use axum::Router;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use triggerfish::registry::{Registration, Registry};
use triggerfish::runtime::{Builder, Config, Database, Durability, Running, Runtime};
use triggerfish::secret::Secret;
use triggerfish::store::{
    Delivery, EventRecord, EventSearch, OriginId, Run, RunQuery, RunState, Store, Trace,
};
use uuid::Uuid;

/// What an app is started with.
pub(crate) struct Setup {
    pub(crate) config: Config,
    pub(crate) board: Board,
    ids: Vec<&'static str>,
    mount: fn(Router) -> Router,
    change: Box<dyn FnOnce(Builder) -> Builder>,
    dashboard: bool,
}

/// An app that takes requests.
pub(crate) struct App {
    pub(crate) address: SocketAddr,
    pub(crate) board: Board,
    pub(crate) running: Running,
    /// The URL that opens the dashboard, where that is served.
    pub(crate) pages: Option<String>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

/// The secret of a test; the word in it is looked for in what must not show it.
pub(crate) fn secret(name: &'static str) -> Option<Secret> {
    if name == "TRIGGERFISH_SECRET_KEY" {
        return Some(Secret::from("5e".repeat(32).as_str()));
    }
    Some(Secret::from(format!("sekrit-{name}-0123456789abcdef").as_str()))
}

/// The endpoints and jobs of these ids, and the sources and events of these names,
/// out of all that this program declares.
pub(crate) fn registry(ids: &[&str]) -> Registry {
    let all = Registry::collect();
    let endpoints = all.endpoints().iter().filter(|spec| ids.contains(&spec.id));
    let jobs = all.jobs().iter().filter(|spec| ids.contains(&spec.id));
    let events = all.events().iter().filter(|spec| ids.iter().any(|id| spec.names.contains(id)));
    let instances = all.instances().iter().filter(|spec| ids.contains(&spec.name));
    let chosen: Vec<_> = endpoints
        .map(|spec| Registration::Endpoint(spec))
        .chain(jobs.map(|spec| Registration::Job(spec)))
        .chain(events.map(|spec| Registration::Event(spec)))
        .chain(instances.map(|spec| Registration::Instance(spec)))
        .collect();
    let known = |id: &&str| {
        all.endpoints().iter().any(|spec| spec.id == *id)
            || all.jobs().iter().any(|spec| spec.id == *id)
            || all.events().iter().any(|spec| spec.names.contains(id))
            || all.instances().iter().any(|spec| spec.name == *id)
    };
    assert!(ids.iter().all(known), "an id of {ids:?} is not declared");
    Registry::of(&chosen)
}

/// An app whose state is in memory.
pub(crate) fn memory(ids: &[&'static str]) -> Setup {
    let mut config = Config::default();
    config.database = Database::Memory;
    config.worker_threads = 2;
    config.dev = false;
    Setup {
        config,
        board: Board::default(),
        ids: ids.to_vec(),
        mount: |router| router,
        change: Box::new(|builder| builder),
        dashboard: false,
    }
}

/// An app whose state is in a file of this directory. What a kill or a power
/// cut does is tested elsewhere, so that no sync is waited for here.
pub(crate) fn sqlite(directory: &Path, ids: &[&'static str]) -> Setup {
    let mut setup = memory(ids);
    setup.config.database = Database::Sqlite(directory.join("app.db"));
    setup.config.durability = Durability::Normal;
    setup
}

impl Setup {
    /// Changes the settings.
    pub(crate) fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// Shares the board of an earlier app.
    pub(crate) fn board(mut self, board: &Board) -> Self {
        self.board = board.clone();
        self
    }

    /// Puts the endpoints' routes into an app of the test.
    pub(crate) fn mount(mut self, mount: fn(Router) -> Router) -> Self {
        self.mount = mount;
        self
    }

    /// Changes the builder in other ways.
    pub(crate) fn builder(mut self, change: impl FnOnce(Builder) -> Builder + 'static) -> Self {
        self.change = Box::new(change);
        self
    }

    /// Other endpoints and jobs.
    pub(crate) fn ids(mut self, ids: &[&'static str]) -> Self {
        self.ids = ids.to_vec();
        self
    }

    /// Serves the dashboard, too, as `runtime::serve` does on loopback.
    pub(crate) fn dashboard(mut self) -> Self {
        self.dashboard = true;
        self
    }

    /// Builds the runtime without starting it.
    pub(crate) fn build(self) -> Result<Runtime, triggerfish::runtime::Error> {
        logs::keep();
        let builder = Runtime::builder()
            .config(self.config)
            .registry(registry(&self.ids))
            .secrets(secret)
            .state(self.board);
        (self.change)(builder).build()
    }

    /// Starts everything on a free port.
    pub(crate) async fn start(self) -> App {
        self.try_start().await.unwrap()
    }

    /// As [`Setup::start`], where it may fail.
    pub(crate) async fn try_start(self) -> Result<App, triggerfish::runtime::Error> {
        let (board, mount, dashboard) = (self.board.clone(), self.mount, self.dashboard);
        let running = self.build()?.start().await?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut router = mount(running.router());
        let local = dashboard.then(|| running.local_dashboard(address)).flatten();
        let pages = local.map(|local| {
            router = std::mem::take(&mut router).merge(local.router);
            local.url
        });
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            axum::serve(listener, router).with_graceful_shutdown(stopped).await.unwrap();
        });
        Ok(App { address, board, running, pages, stop, served })
    }
}

impl App {
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        self.running.store()
    }

    pub(crate) async fn send(&self, call: &Call) -> super::Answer {
        call.send(self.address).await
    }

    pub(crate) async fn runs(&self) -> Vec<Run> {
        self.store().runs(RunQuery { limit: 10_000, ..RunQuery::default() }).await.unwrap()
    }

    /// The newest first.
    pub(crate) async fn deliveries(&self) -> Vec<Delivery> {
        self.store().deliveries(10_000).await.unwrap()
    }

    /// The newest first.
    pub(crate) async fn events(&self) -> Vec<Arc<EventRecord>> {
        let all = EventSearch { limit: 10_000, ..EventSearch::default() };
        self.store().browse_events(all).await.unwrap().rows
    }

    /// The newest first, with everything that was told before.
    pub(crate) async fn traces(&self) -> Vec<Trace> {
        self.store().flush().await.unwrap();
        self.store().traces(10_000).await.unwrap()
    }

    /// The only run of a delivery, when it is over.
    pub(crate) async fn ended(&self, delivery: Uuid) -> Run {
        until(&format!("the end of the run of delivery {delivery}"), async || {
            let query = RunQuery { origin: Some(OriginId::Delivery(delivery)), ..RunQuery::default() };
            let runs = self.store().runs(query).await.unwrap();
            assert!(runs.len() <= 1, "one job, one run: {runs:?}");
            runs.into_iter().find(|run| run.state.is_final())
        })
        .await
    }

    /// The only run of a delivery, when it is in this state.
    pub(crate) async fn in_state(&self, delivery: Uuid, state: RunState) -> Run {
        until(&format!("the state {state:?} of the run of delivery {delivery}"), async || {
            let query = RunQuery { origin: Some(OriginId::Delivery(delivery)), ..RunQuery::default() };
            self.store().runs(query).await.unwrap().into_iter().find(|run| run.state == state)
        })
        .await
    }

    /// All runs, when all are over.
    pub(crate) async fn all_ended(&self) -> Vec<Run> {
        until("the end of all runs", async || {
            let runs = self.runs().await;
            runs.iter().all(|run| run.state.is_final()).then_some(runs)
        })
        .await
    }

    /// Takes no more requests, and waits until all that were taken are answered.
    pub(crate) async fn stop_serving(self) -> Running {
        self.running.begin_shutdown();
        let _ = self.stop.send(());
        self.served.await.unwrap();
        self.running
    }

    /// Stops as a program does that is told to.
    pub(crate) async fn stop(self) {
        self.stop_serving().await.shutdown().await;
    }
}
