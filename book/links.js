// mdbook makes each link to a Markdown file a link to a page. But a file of the repository that is not a chapter has no page.
// `host.sh` does the same for the hosted site, where these links have another address.
(() => {
    "use strict";
    for (const link of document.querySelectorAll('main a[href^="../../"]')) {
        link.setAttribute("href", link.getAttribute("href").replace(/\.html(?=#|$)/, ".md"));
    }
})();
