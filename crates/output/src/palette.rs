//! The colours of text, all on or all off.

use anstyle::{AnsiColor, Style};

/// How the parts of a text are styled. Whether the reader has a terminal, and wants colour, is
/// the caller's to know; no meaning is in the colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// The target, and the sentence at the end.
    pub strong: Style,
    /// What is there to be looked up.
    pub faint: Style,
    /// Steps that ended well, and 2xx.
    pub good: Style,
    /// Oddities, and 3xx and 4xx.
    pub warn: Style,
    /// Failures, and 5xx.
    pub bad: Style,
}

impl Palette {
    /// No colour.
    pub const PLAIN: Palette = Palette {
        strong: Style::new(),
        faint: Style::new(),
        good: Style::new(),
        warn: Style::new(),
        bad: Style::new(),
    };

    /// The terminal's own green, yellow and red.
    pub const COLOUR: Palette = Palette {
        strong: Style::new().bold(),
        faint: Style::new().dimmed(),
        good: AnsiColor::Green.on_default(),
        warn: AnsiColor::Yellow.on_default(),
        bad: AnsiColor::Red.on_default(),
    };

    /// [`Palette::COLOUR`] or [`Palette::PLAIN`].
    pub const fn new(colour: bool) -> Palette {
        if colour { Palette::COLOUR } else { Palette::PLAIN }
    }
}
