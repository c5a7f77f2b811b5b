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

use crate::build::Built;
use crate::meter::Listener;
use crate::settings::{BadInput, Settings};
use crate::shops::{Shop, Shops};
use crate::stop::Stop;
use crate::view;
use crate::view::sides::Sides;
use crate::waterfalls::Waterfalls;
use crate::work::{Undone, Work};
use crate::{build, growth, hosts, race, sides, users};

/// The policy of a page: it loads scripts, styles and data from this server only, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
                      frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The policy of the waterfall. Its file contains its own script and style, so it needs `'unsafe-inline'`.
/// It cannot send requests, and the sandbox gives it a separate origin, so it cannot read the page around it.
const WATERFALL_POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
                                img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; \
                                sandbox allow-scripts";

/// A dashboard: the two databases, the pages that are being built, and the latest waterfalls.
pub struct Dashboard {
    shops: Shops,
    work: Arc<Work>,
    waterfalls: Waterfalls,
}

type Shared = Arc<Dashboard>;

/// The scripts, each a JavaScript module.
const SCRIPTS: [(&str, &str); 8] = [
    ("/frame.js", include_str!("../assets/frame.js")),
    ("/numbers.js", include_str!("../assets/numbers.js")),
    ("/charts.js", include_str!("../assets/charts.js")),
    ("/stream.js", include_str!("../assets/stream.js")),
    ("/app.js", include_str!("../assets/app.js")),
    ("/race.js", include_str!("../assets/race.js")),
    ("/sides.js", include_str!("../assets/sides.js")),
    ("/users.js", include_str!("../assets/users.js")),
];

impl Dashboard {
    /// Creates a dashboard for two databases.
    #[must_use]
    pub fn new(shops: Shops) -> Arc<Self> {
        Arc::new(Self { shops, work: Arc::default(), waterfalls: Waterfalls::default() })
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
            .route("/growth", get(growth))
            .route("/race", get(race_page))
            .route("/race/run", get(race_run))
            .route("/side-by-side", get(side_by_side))
            .route("/then-and-now", get(then_and_now))
            .route("/side", get(side))
            .route("/users", get(users_page))
            .route("/users/run", get(users_run))
            .route("/style.css", get(async || asset("text/css", include_str!("../assets/style.css"))));
        let scripts = SCRIPTS.into_iter().fold(routes, |routes, (path, text)| {
            routes.route(path, get(async move || asset("text/javascript", text)))
        });
        let routes = scripts
            .fallback(async || failure(StatusCode::NOT_FOUND, "There is no page at this address."))
            .method_not_allowed_fallback(async || {
                failure(StatusCode::METHOD_NOT_ALLOWED, "This address does not support this HTTP method.")
            })
            .layer(middleware::from_fn(guard))
            .with_state(self);
        axum::serve(listener, routes).await
    }

    fn shop(&self, settings: &Settings) -> &Shop {
        self.shops.at(settings.stage)
    }

    /// Builds a page, and keeps its waterfall.
    fn build(
        &self,
        settings: &Settings,
        stop: &Arc<Stop>,
        listener: Listener,
    ) -> eagerly::Result<(Built, u64)> {
        let mut built = build::build(self.shop(settings), settings, stop, listener)?;
        let number = self.waterfalls.keep(std::mem::take(&mut built.waterfall));
        Ok((built, number))
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

/// Returns the page without a result, which its script then requests as a stream: so there is progress from the start. With
/// `plain=yes`, the page is built first, for browsers without JavaScript.
async fn page(State(dashboard): State<Shared>, RawQuery(query): RawQuery, settings: Settings) -> Response {
    let shop = dashboard.shop(&settings).clone();
    let query = query.unwrap_or_default();
    if !form_urlencoded::parse(query.as_bytes()).any(|(key, value)| key == "plain" && value == "yes") {
        return html(StatusCode::OK, view::page(&settings, &shop, None));
    }
    let own = Arc::clone(&dashboard);
    let done = dashboard.work.run(shop.waits(&settings), move |stop| {
        let (built, number) = own.build(&settings, stop, Box::new(|_| {}))?;
        Ok::<_, eagerly::Error>(view::page(&settings, &shop, Some((&built, number))))
    });
    answer(done.await)
}

async fn built(State(dashboard): State<Shared>, settings: Settings) -> Response {
    let own = Arc::clone(&dashboard);
    let waits = dashboard.shop(&settings).waits(&settings);
    let events = dashboard.work.tell(waits, move |stop, teller| {
        let progress = {
            let teller = teller.clone();
            Box::new(move |progress| teller.now("progress", &progress))
        };
        match own.build(&settings, stop, progress) {
            Ok((built, number)) => {
                teller.surely("built", &view::told(&settings, own.shop(&settings), &built, number))
            }
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

/// Returns the waterfall of a run by its number.
async fn waterfall(State(dashboard): State<Shared>, RawQuery(number): RawQuery) -> Response {
    let number = number.and_then(|number| number.parse().ok());
    let Some(page) = number.and_then(|number| dashboard.waterfalls.get(number)) else {
        // The page shows this in the frame of the waterfall.
        let policy = [(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'self'")];
        let words = "This waterfall is no longer kept.\nhelp: show the page again";
        return (StatusCode::NOT_FOUND, policy, words).into_response();
    };
    let kind = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, WATERFALL_POLICY),
    ];
    (kind, page).into_response()
}

async fn growth(State(dashboard): State<Shared>, settings: Settings) -> Response {
    let own = Arc::clone(&dashboard);
    let done = dashboard.work.run(false, move |stop| growth::lines(own.shop(&settings), &settings, stop));
    match done.await {
        Ok(Ok(lines)) => {
            let json = serde_json::to_string(&lines).unwrap_or_default();
            ([(header::CONTENT_TYPE, "application/json")], json).into_response()
        }
        Ok(Err(error)) => failure(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
        Err(undone) => not_done(undone),
    }
}

async fn race_page(State(dashboard): State<Shared>, settings: Settings) -> Response {
    html(StatusCode::OK, view::race::page(&settings, dashboard.shop(&settings)))
}

async fn race_run(State(dashboard): State<Shared>, settings: Settings) -> Response {
    let shop = dashboard.shop(&settings).clone();
    let events = dashboard.work.tell(shop.waits(&settings), move |stop, teller| {
        if let Err(error) = race::run(&shop, &settings, stop, teller) {
            teller.surely("failed", &error.to_string());
        }
    });
    events.into_response()
}

async fn side_by_side(settings: Settings) -> Response {
    html(StatusCode::OK, view::sides::page(&settings, &Sides::strategies(&settings)))
}

async fn then_and_now(settings: Settings) -> Response {
    html(StatusCode::OK, view::sides::page(&settings, &Sides::stages(&settings)))
}

async fn side(State(dashboard): State<Shared>, settings: Settings) -> Response {
    let settings = Settings { waits: true, ..settings };
    let shop = dashboard.shop(&settings).clone();
    let events = dashboard.work.tell(shop.waits(&settings), move |stop, teller| {
        if let Err(error) = sides::run(&shop, &settings, stop, teller) {
            teller.surely("failed", &error.to_string());
        }
    });
    events.into_response()
}

async fn users_page(State(dashboard): State<Shared>, settings: Settings) -> Response {
    html(StatusCode::OK, view::users::page(&settings, dashboard.shop(&settings)))
}

async fn users_run(State(dashboard): State<Shared>, settings: Settings) -> Response {
    let shop = dashboard.shop(&settings).clone();
    let events = dashboard.work.tell(true, move |stop, teller| {
        if let Err(error) = users::run(&shop, &settings, stop, teller) {
            teller.surely("failed", &format!("{error:#}"));
        }
    });
    events.into_response()
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
