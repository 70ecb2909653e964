//! Reads the arguments, calls [`planspiel::cli`], turns an error into a message and an exit code. Nothing else.

fn main() -> std::process::ExitCode {
    planspiel::cli::main()
}
