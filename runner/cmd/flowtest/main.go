// Command flowtest runs features against PingOne DaVinci flows, live or replayed.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"flowtest/runner/cmd/flowtest/internal/nogo"
	"flowtest/runner/internal/cli"
)

var _ = nogo.Restore()

func main() {
	signals := make(chan os.Signal, 2) // the second must not be lost while the first is handled
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	signal.Ignore(syscall.SIGPIPE) // a reader that goes away ends the printing, and not the work
	os.Exit(cli.Main(context.Background(), cli.Process{
		Args: os.Args[1:], Stdout: os.Stdout, Stderr: os.Stderr, Env: os.LookupEnv,
		Terminal: term.IsTerminal(int(os.Stdout.Fd())), Signals: signals, Exit: os.Exit,
	}))
}
