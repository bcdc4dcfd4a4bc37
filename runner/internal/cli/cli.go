// Package cli is the command line: commands, help and exit codes. It knows the
// process only through what main hands it.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"flowtest/runner"
	"flowtest/runner/report"
)

// The exit codes, a contract.
const (
	ExitPassed      = 0 // every chosen scenario ran and passed
	ExitFailed      = 1 // a scenario or requirement failed
	ExitUsage       = 2 // usage or configuration
	ExitNothing     = 3 // nothing ran
	ExitEnvironment = 4 // network, rate limit or tenant set-up: may be tried again
)

// A Process is what the command line needs of the process it runs in.
type Process struct {
	// Args are the arguments without the program's name. Required.
	Args []string

	// Stdout takes the result, Stderr the talk. Required.
	Stdout, Stderr io.Writer

	// Env looks up an environment variable. Required.
	Env func(string) (string, bool)

	// Terminal says that Stdout is one. Optional.
	Terminal bool

	// Dir is the folder that relative paths start from. Empty means the
	// working directory. Optional.
	Dir string

	// Signals are those that ask the process to end. The first lets a command
	// finish what it has begun, its reports above all; with the second Exit is
	// called at once, with the exit code of a process that a signal ends. Without
	// Signals the context alone ends a command. Optional, Exit with it.
	Signals <-chan os.Signal
	Exit    func(code int)

	stop *stopping
}

// Main runs the command line and returns the exit code.
func Main(ctx context.Context, p Process) int {
	debug.SetGCPercent(runner.GCPercent)
	debug.SetMemoryLimit(runner.MemoryLimit)
	p.stop = &stopping{}
	ctx, release := p.heed(ctx)
	defer release()
	root := p.root() //nolint:contextcheck // the commands take it from cobra, which is handed it below
	root.SetArgs(p.Args)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	return p.tell(root.ExecuteContext(ctx))
}

// say writes a line of talk. Where even that cannot be written, the exit code
// still tells.
func (p *Process) say(line string) {
	_, _ = fmt.Fprintln(p.Stderr, "flowtest: "+report.Plain(line))
}

func (p *Process) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "flowtest",
		Short: "Run features against PingOne DaVinci flows, live or replayed",
		Long: `flowtest runs Gherkin features against PingOne DaVinci flows. The journeys go to
a live environment, or to recordings that are replayed without any network.

Exit codes: 0 every chosen scenario passed, 1 a scenario failed, 2 usage or
configuration, 3 nothing ran, 4 network, rate limit or tenant set-up failed.`,
		Example: `  flowtest run
  flowtest run features/sign-on --tags "@smoke and not @slow"
  flowtest run --target staging
  flowtest check`,
		SilenceUsage:      true,
		SilenceErrors:     true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		Args:              unknownCommand,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.AddCommand(p.runCommand(), p.serveCommand(), p.checkCommand(), p.stepsCommand(), p.requirementsCommand(),
		p.reportCommand(), p.recordCommand(), p.importCommand(), p.exportCommand(), p.diffCommand(),
		p.initCommand(), p.versionCommand())
	root.SetHelpCommand(&cobra.Command{Hidden: true, Use: "no-help"})
	return explained(root)
}

// color reports whether the result may be colored.
func (p *Process) color() bool {
	none, set := p.Env("NO_COLOR")
	dumb, _ := p.Env("TERM")
	return p.Terminal && (!set || none == "") && dumb != "dumb"
}
