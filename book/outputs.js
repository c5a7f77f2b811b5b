// An output or a chart that is wider than the page scrolls in its own box. This script makes the box scroll by keys, too.
(() => {
    "use strict";
    const boxes = document.querySelectorAll("pre > code, .content div:has(> svg[width])");
    const update = () => {
        for (const box of boxes) {
            if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
            else box.removeAttribute("tabindex");
        }
    };
    for (const box of boxes) {
        // The book turns its pages with the arrow keys. In a box, they scroll.
        box.addEventListener("keydown", (event) => event.stopPropagation());
    }
    addEventListener("resize", update);
    update();
})();
