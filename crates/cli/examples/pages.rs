//! Writes the manual pages and the shell completions of the command into a directory, from the
//! same words as its help: `cargo run -p fourstep-cli --example pages -- DIR`.

#[path = "../src/args.rs"]
mod args;

use std::path::PathBuf;
use std::{env, fs, io};

use clap::CommandFactory;
use clap_complete::{Shell, generate_to};

fn main() -> io::Result<()> {
    let Some(dir) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "usage: pages DIR"));
    };
    let (man, completions) = (dir.join("man"), dir.join("completions"));
    fs::create_dir_all(&man)?;
    fs::create_dir_all(&completions)?;
    clap_mangen::generate_to(args::Cli::command(), &man)?;
    // What stands below the long help is laid out already: groff must not fill its lines.
    for entry in fs::read_dir(&man)? {
        let path = entry?.path();
        let page = fs::read_to_string(&path)?;
        if let Some((above, below)) = page.split_once(".SH EXTRA\n") {
            let below = below.replacen(".SH VERSION", ".fi\n.SH VERSION", 1);
            fs::write(path, format!("{above}.SH EXAMPLES\n.nf\n{below}"))?;
        }
    }
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut args::Cli::command(), "fourstep", &completions)?;
    }
    Ok(())
}
