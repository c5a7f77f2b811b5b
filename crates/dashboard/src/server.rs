//! The server: the addresses, their handlers, and the security headers of every response.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, RawQuery, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::Markup;
use tokio::net::TcpListener;

use crate::settings::{BadInput, Settings, Stage};
use crate::shops::{Shop, Shops};
use crate::view;
use crate::work::{Undone, Work};
use crate::{build, hosts, race};

/// The policy of a page: it loads scripts, styles and data from this server only, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
                      frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The policy of the waterfall. Its file contains its own script and style, so it needs `'unsafe-inline'`.
/// It cannot send requests, and the sandbox gives it a separate origin, so it cannot read the page around it.
const WATERFALL_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
                                img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; \
                                sandbox allow-scripts";

/// A dashboard: the two databases and the pages that are being built.
pub struct Dashboard {
    shops: Shops,
    work: Arc<Work>,
}

type Shared = Arc<Dashboard>;

impl Dashboard {
    /// Creates a dashboard for two databases.
    #[must_use]
    pub fn new(shops: Shops) -> Arc<Self> {
        Arc::new(Self { shops, work: Arc::default() })
    }

    /// Returns the number of pages that are being built.
    #[must_use]
    pub fn running(&self) -> usize {
        self.work.running()
    }

    /// Serves requests until the program ends.
    ///
    /// # Errors
    /// If the listener fails.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) -> std::io::Result<()> {
        let address = listener.local_addr()?;
        let guard = move |request: Request, next: Next| guard(address, request, next);
        let routes = Router::new()
            .route("/", get(page))
            .route("/build", get(built))
            .route("/stop", post(stop))
            .route("/waterfall", get(waterfall))
            .route("/race", get(race_page))
            .route("/race/run", get(race_run))
            .route("/then-and-now", get(then_and_now))
            .route("/style.css", get(async || asset("text/css", include_str!("../assets/style.css"))))
            .route("/app.js", get(async || asset("text/javascript", include_str!("../assets/app.js"))))
            .route("/race.js", get(async || asset("text/javascript", include_str!("../assets/race.js"))))
            .fallback(async || failure(StatusCode::NOT_FOUND, "There is no page at this address."))
            .method_not_allowed_fallback(async || {
                failure(StatusCode::METHOD_NOT_ALLOWED, "This address does not support this HTTP method.")
            })
            .layer(middleware::from_fn(guard))
            .with_state(self);
        axum::serve(listener, routes).await
    }

    fn shop(&self, stage: Stage) -> Shop {
        self.shops.at(stage).clone()
    }
}

/// Extracts the settings from a link. If a setting is not valid, the response is an error page.
impl<S: Send + Sync> FromRequestParts<S> for Settings {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let settings = Self::parse(parts.uri.query().unwrap_or_default());
        settings.map_err(|BadInput(words)| failure(StatusCode::BAD_REQUEST, &words))
    }
}

/// Refuses requests from other sites, and adds the security headers to every response.
async fn guard(server: SocketAddr, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let mut response = if !hosts::is_ours(hosts::named(headers), server) {
        failure(StatusCode::FORBIDDEN, "This server accepts only requests for its own address.")
    } else if hosts::is_from_elsewhere(headers) {
        failure(StatusCode::FORBIDDEN, "This server accepts only requests from its own pages.")
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn page(State(dashboard): State<Shared>, settings: Settings) -> Response {
    let shop = dashboard.shop(settings.stage);
    if shop.waits(&settings) {
        // The page may take minutes. Its script requests it as a stream and shows the progress.
        return html(StatusCode::OK, view::page(&settings, shop.rows, None));
    }
    let done = dashboard.work.run(false, move |stop| {
        let built = build::build(&shop, &settings, stop, Box::new(|_| {}))?;
        Ok::<_, eagerly::Error>(view::page(&settings, shop.rows, Some(&built)))
    });
    answer(done.await)
}

async fn built(State(dashboard): State<Shared>, settings: Settings) -> Response {
    let shop = dashboard.shop(settings.stage);
    let events = dashboard.work.tell(shop.waits(&settings), move |stop, teller| {
        let progress = {
            let teller = teller.clone();
            Box::new(move |progress| teller.now("progress", &progress))
        };
        match build::build(&shop, &settings, stop, progress) {
            Ok(built) => teller.surely("built", &view::told(&settings, &built)),
            Err(error) => teller.surely("failed", &error.to_string()),
        }
    });
    events.into_response()
}

/// Stops a page that is being built. The page then ends its stream with a partial result.
async fn stop(State(dashboard): State<Shared>, RawQuery(number): RawQuery) -> StatusCode {
    let number = number.and_then(|number| number.parse().ok());
    match number.is_some_and(|number| dashboard.work.stop(number)) {
        true => StatusCode::NO_CONTENT,
        false => StatusCode::NOT_FOUND,
    }
}

async fn waterfall(State(dashboard): State<Shared>, settings: Settings) -> Response {
    let shop = dashboard.shop(settings.stage);
    let done = dashboard.work.run(false, move |stop| build::waterfall(&shop, &settings, stop));
    match done.await {
        Ok(Ok(page)) => {
            let kind = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, WATERFALL_POLICY),
            ];
            (kind, page).into_response()
        }
        Ok(Err(error)) => failure(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        Err(undone) => not_done(undone),
    }
}

async fn race_page(settings: Settings) -> Response {
    html(StatusCode::OK, view::race::page(&settings))
}

async fn race_run(State(dashboard): State<Shared>, settings: Settings) -> Response {
    let shop = dashboard.shop(settings.stage);
    let events = dashboard.work.tell(shop.waits(&settings), move |stop, teller| {
        if let Err(error) = race::run(&shop, &settings, stop, teller) {
            teller.surely("failed", &error.to_string());
        }
    });
    events.into_response()
}

async fn then_and_now(State(dashboard): State<Shared>, settings: Settings) -> Response {
    let stages = [Stage::Development, Stage::Production].map(|stage| {
        let shop = dashboard.shop(stage);
        let settings = Settings { stage, waits: false, ..settings.clone() };
        (settings, shop)
    });
    let done = dashboard.work.run(false, move |stop| {
        let built = stages.map(|(settings, shop)| {
            let built = build::build(&shop, &settings, stop, Box::new(|_| {}));
            built.map(|built| (settings, shop.rows, built))
        });
        let [then, now] = built;
        Ok::<_, eagerly::Error>(view::then_and_now::page(&settings, &[then?, now?]))
    });
    answer(done.await)
}

fn answer(done: Result<eagerly::Result<Markup>, Undone>) -> Response {
    match done {
        Ok(Ok(page)) => html(StatusCode::OK, page),
        Ok(Err(error)) => failure(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        Err(undone) => not_done(undone),
    }
}

fn not_done(undone: Undone) -> Response {
    match undone {
        Undone::Busy => {
            failure(StatusCode::SERVICE_UNAVAILABLE, "Too many pages are being built. Try again in a moment.")
        }
        Undone::Broken => failure(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The dashboard panicked while it built the page. This is a bug in the dashboard.",
        ),
    }
}

/// Returns an error page.
fn failure(status: StatusCode, words: &str) -> Response {
    html(status, view::failure(words))
}

fn html(status: StatusCode, page: Markup) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, kind, page.into_string()).into_response()
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))], text).into_response()
}
