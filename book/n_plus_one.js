// The first page: two sliders, and what they cost. Without this script, the page shows a table instead.
(() => {
    "use strict";
    const form = document.querySelector(".n-plus-one form");
    // This script is on every page of the book.
    if (!form) return;

    const CUSTOMERS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 3000, 5000, 10000];
    const ORDERS_PER_CUSTOMER = 10;
    const EAGER = 3;
    // In seconds. The names are those of `eagerly::Network`.
    const ROUND_TRIPS = [
        [0.0001], [0.0002], [0.0005, "one zone"], [0.001, "between zones"], [0.002],
        [0.005], [0.01], [0.02, "a near region"], [0.08, "a far region"], [0.16],
    ];

    const count = (number) => Math.round(number).toLocaleString("en-US");

    // The same as `eagerly::numbers::time`, which a test compares.
    const time = (seconds) => {
        const isWhole = (value) => Math.abs(value - Math.round(value)) < 1e-9;
        const long = (value, unit) => (value >= 9.95 || isWhole(value) ? count(value) : value.toFixed(1)) + " " + unit;
        if (seconds >= 59.5 * 60) return long(seconds / 3600, "h");
        if (seconds >= 99.95) return long(seconds / 60, "min");
        const [value, unit] = seconds >= 0.9995 ? [seconds, "s"]
            : seconds >= 0.9995e-3 ? [seconds * 1e3, "ms"] : [seconds * 1e6, "µs"];
        if (value >= 99.95 || isWhole(value)) return count(value) + " " + unit;
        return value.toFixed(value >= 9.995 ? 1 : 2) + " " + unit;
    };

    const element = (id) => document.getElementById(id);
    const show = (id, text) => { element(id).textContent = text; };

    const update = () => {
        const customers = CUSTOMERS[element("customers").value];
        const [roundTrip, name] = ROUND_TRIPS[element("round-trip").value];
        const lazy = 1 + customers + customers * ORDERS_PER_CUSTOMER;
        const journey = time(roundTrip) + (name ? ", " + name : "");

        show("customers-value", count(customers));
        show("round-trip-value", journey);
        element("customers").setAttribute("aria-valuetext", count(customers) + (customers === 1 ? " customer" : " customers"));
        element("round-trip").setAttribute("aria-valuetext", journey);
        show("lazy-statements", count(lazy));
        show("lazy-time", time(lazy * roundTrip));
        show("eager-statements", count(EAGER));
        show("eager-time", time(EAGER * roundTrip));

        // The longer bar has the whole width. The style sheet draws at least one pixel of the other.
        element("eager-bar").style.width = (100 * EAGER) / lazy + "%";
        show("comparison", `Lazy waits ${time(lazy * roundTrip)}, which is ${count(lazy / EAGER)} times as long as eager.`);
    };

    form.hidden = false;
    document.querySelector(".n-plus-one").classList.add("live");
    form.addEventListener("input", update);
    form.addEventListener("submit", (event) => event.preventDefault());
    update();
})();
