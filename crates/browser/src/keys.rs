//! The keyboard.

use serde_json::json;

use crate::Browser;

impl Browser {
    /// Moves the focus to the first element that matches a CSS selector.
    pub fn focus(&self, selector: &str) {
        self.evaluate(&format!("document.querySelector({selector:?}).focus()"));
    }

    /// Presses a key as a user does. The element with the focus receives it, or the page if there is none.
    ///
    /// The name is the one that a page's script reads from `event.key`: `p`, `Enter`, `ArrowDown`. Keys that are held
    /// meanwhile are in front of it: `Shift+Tab`.
    pub fn press(&self, key: &str) {
        let (held, last) = match key.rsplit_once('+') {
            Some((held, last)) if !last.is_empty() => (held.split('+').collect(), last),
            _ => (Vec::new(), key),
        };
        let event = |kind: &str, key: &str| json!({"type": kind, "value": code(key)});
        let down = held.iter().map(|key| event("keyDown", key));
        let up = held.iter().rev().map(|key| event("keyUp", key));
        let pressed = [event("keyDown", last), event("keyUp", last)];
        let actions: Vec<_> = down.chain(pressed).chain(up).collect();
        self.command("actions", json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]}));
    }
}

/// Returns a key as WebDriver writes it. Keys without a character have one of Unicode's private range.
fn code(key: &str) -> char {
    let mut characters = key.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return character;
    }
    match key {
        "Backspace" => '\u{e003}',
        "Tab" => '\u{e004}',
        "Enter" => '\u{e007}',
        "Shift" => '\u{e008}',
        "Control" => '\u{e009}',
        "Alt" => '\u{e00a}',
        "Escape" => '\u{e00c}',
        "PageUp" => '\u{e00e}',
        "PageDown" => '\u{e00f}',
        "End" => '\u{e010}',
        "Home" => '\u{e011}',
        "ArrowLeft" => '\u{e012}',
        "ArrowUp" => '\u{e013}',
        "ArrowRight" => '\u{e014}',
        "ArrowDown" => '\u{e015}',
        "Delete" => '\u{e017}',
        _ => panic!("no key has the name {key:?}\n  help: add it to the list in crates/browser/src/keys.rs"),
    }
}
