// Package cli is the command line: commands, help and exit codes. It knows the
// process only through what main hands it.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/listen"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/safefile"
	"flowtest/runner/internal/stop"
	"flowtest/steps/words"
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

	// Dir is the folder that relative paths start from. Empty means the working directory. Optional.
	Dir string

	// Signals are those that ask the process to end. The first ends most commands at once, with the
	// exit code of a process that a signal ends; what the command still does is not waited for. A run
	// finishes its reports, and a server its requests; with the second signal Exit is called. Without
	// Signals only the context ends a command. With Exit the process is the program's own, and a
	// command sets what its garbage collector keeps to. Optional, Exit with it.
	Signals <-chan os.Signal
	Exit    func(code int)

	stop *stop.Gate
	out  *pipe                       // what Stdout is written through
	line *atomic.Pointer[statusLine] // which may be on the terminal
	rate *atomic.Int64               // of SetGCPercent after the first collection, with Exit
}

// What the program sets for its garbage collector: a run makes much garbage and keeps little, so
// collecting half as often costs a few megabytes. The first collection is later still: a short
// command has ended by then. The limit keeps a large run small; a command that holds a large file
// would be slow with it, and collects more often.
const (
	gcPercent, holdingGCPercent, firstGCPercent = 200, 30, 400 // the last of 4 MiB
	memoryLimit                                 = 110 << 20
)

// collectLate has the first collection late, and those after it as the result says then.
func collectLate() *atomic.Int64 {
	percent := &atomic.Int64{}
	percent.Store(gcPercent)
	debug.SetGCPercent(firstGCPercent)
	runtime.AddCleanup(new([16]byte), func(p *atomic.Int64) { debug.SetGCPercent(int(p.Load())) }, percent)
	return percent
}

// Main runs the command line and returns the exit code.
func Main(ctx context.Context, p Process) int {
	if p.Exit != nil {
		p.rate = collectLate()
	}
	p.stop, p.line = &stop.Gate{}, &atomic.Pointer[statusLine]{}
	p.out = &pipe{to: p.Stdout, stop: p.stop}
	p.Stdout = &digest.Guard{To: &tame{to: p.out, own: p.Terminal}}
	p.Stderr = &digest.Guard{To: &tame{to: &pipe{to: p.Stderr}}}
	root := p.root() //nolint:contextcheck // the commands take it from cobra, which is handed it below
	root.SetArgs(p.Args)
	return p.untilEnd(ctx, root.ExecuteContext)
}

// faultless runs a command and returns a panic as an error.
func faultless(ctx context.Context, command func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New(stop.Fault(p))
		}
	}()
	return command(ctx)
}

// sayStopped says that a signal ended the command, and returns its exit code.
func (p *Process) sayStopped(code int) int {
	p.line.Load().hide()
	what := "stopped: nothing was written"
	if p.stop.Wrote() {
		what = "stopped: what is written is whole, and the rest is not written"
	}
	p.say("error: " + what)
	return code
}

// A pipe writes until that fails, as where its reader goes away, and then nothing: the
// command goes on, with its reports. It is used by several goroutines at once.
type pipe struct {
	to   io.Writer
	stop *stop.Gate // which ends the writing, or nil

	lost atomic.Pointer[error] // why writing stopped
}

// Write implements [io.Writer].
func (p *pipe) Write(b []byte) (int, error) {
	switch {
	case p.stop != nil && p.stop.AtOnce() != 0:
		return 0, stop.Err
	case p.lost.Load() != nil:
	default:
		if _, err := p.to.Write(b); err != nil {
			p.lost.CompareAndSwap(nil, &err)
		}
	}
	return len(b), nil
}

// lost is the error of a command whose output was not written to its end.
func (p *Process) lost() error {
	err := p.out.lost.Load()
	switch {
	case err == nil:
		return nil
	case errors.Is(*err, syscall.EPIPE):
		return errors.New("the output was not printed to its end: its reader is gone")
	default:
		return fmt.Errorf("the output was not printed to its end: %w", *err)
	}
}

// say writes a line of talk. If even that cannot be written, the exit code still tells.
func (p *Process) say(line string) {
	_, _ = fmt.Fprintln(p.Stderr, "flowtest: "+digest.Plain(line))
}

// sayError says every error that a command ended in, with their hints after them,
// and returns the exit code.
func (p *Process) sayError(err error) int {
	if err == nil {
		return ExitPassed
	}
	said, hints, code := ending(err)
	for _, line := range append(said, hints...) {
		p.say(line)
	}
	return code
}

// replace writes a file in one piece, unless the command has ended.
func (p *Process) replace(name string, fill func(io.Writer) error) error {
	done := func() {}
	defer func() { done() }()
	return safefile.Replace(name, p.say, func(to io.Writer) error {
		err := fill(to)
		if err == nil {
			done, err = p.stop.Commit()
		}
		return err
	})
}

// create writes a file that does not exist yet, unless the command has ended.
func (p *Process) create(name, text string) error {
	done, err := p.stop.Commit()
	if err != nil {
		return err
	}
	defer done()
	return safefile.Create(name, []byte(text), p.say)
}

func (p *Process) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "flowtest",
		Short: "Run features against PingOne DaVinci flows, live or replayed",
		Long: `flowtest runs Gherkin features against PingOne DaVinci flows: against a live
environment, or against recordings that it replays without a network.

Exit codes: 0 every chosen scenario passed, 1 a scenario failed, 2 wrong usage or
configuration, 3 nothing ran, 4 network, rate limit or tenant set-up failed.`,
		Example: `  flowtest run
  flowtest run features/sign-on --tags "@smoke and not @slow"
  flowtest run --target staging
  flowtest check`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       version(),
		Args:          cobra.ArbitraryArgs,
		RunE:          unknownCommand,
	}
	root.AddCommand(runCommand(p), serveCommand(p), checkCommand(p), stepsCommand(p), requirementsCommand(p),
		reportCommand(p), mutateCommand(p), recordCommand(p), importCommand(p), exportCommand(p), diffCommand(p),
		describeCommand(p), scaffoldCommand(p), coverageCommand(p), initCommand(p), schemaCommand(p),
		doctorCommand(p), logCommand(p),
		usersCommand(p),
		versionCommand(p))
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	root.SetVersionTemplate(built())
	root.SetHelpCommand(helpCommand())
	completing(p, root)
	return explained(root)
}

// color reports whether the result may be colored.
func (p *Process) color() bool {
	none, set := p.Env("NO_COLOR")
	dumb, _ := p.Env("TERM")
	return p.Terminal && (!set || none == "") && dumb != "dumb"
}

// explained gives what cobra refuses, flags and arguments, the hint of the command
// that was meant.
func explained(root *cobra.Command) *cobra.Command {
	root.SetFlagErrorFunc(wrongFlag)
	for _, c := range root.Commands() {
		if journeys := c.Args; journeys != nil {
			c.Args = func(c *cobra.Command, args []string) error {
				if err := journeys(c, args); err != nil {
					return usage(err, exampleOf(c, "")+helpOf(c))
				}
				return nil
			}
		}
	}
	return root
}

// takes returns what refuses another number of arguments than from least to most, which
// is -1 for any number. What they are is in the command's Use.
func takes(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if least <= len(args) && (len(args) <= most || most < 0) {
			return nil
		}
		if most == 0 {
			return fmt.Errorf("%s: found the argument %q, want none", c.Name(), args[0])
		}
		found := words.Count(len(args), "argument")
		return fmt.Errorf("%s: found %s, want %s %s", c.Name(), found, c.Root().Name(), c.Use)
	}
}

// exampleOf is the first example of a command that has a text in it, as a hint shows it.
func exampleOf(c *cobra.Command, text string) string {
	for line := range strings.Lines(c.Example) {
		if line = strings.TrimSpace(line); strings.Contains(line, text) {
			return "an example: " + line + "; "
		}
	}
	return ""
}

// helpOf says where the help of a command is.
func helpOf(c *cobra.Command) string { return c.CommandPath() + " --help shows what there is" }

// A choice is a flag that takes one of a few names.
type choice struct {
	to *string
	of []string
}

// addFormat adds the flag --format, which takes one of the names. The first is usual.
func addFormat(c *cobra.Command, to *string, names ...string) {
	*to = names[0]
	c.Flags().Var(&choice{to, names}, "format", words.Or(names))
}

// Set implements [pflag.Value].
func (f *choice) Set(name string) error {
	if !slices.Contains(f.of, name) {
		return errors.New("want " + words.Or(f.of) + words.DidYouMean(": ", name, f.of))
	}
	*f.to = name
	return nil
}

// String implements [pflag.Value].
func (f *choice) String() string {
	if f.to == nil { // pflag asks for the zero value
		return ""
	}
	return *f.to
}

// Type implements [pflag.Value].
func (*choice) Type() string { return "string" }

// A rate is a flag for requests a second.
type rate struct{ to *float64 }

// addRate adds the flag --rate.
func addRate(c *cobra.Command, to *float64, what string) {
	*to = backend.DefaultRate
	c.Flags().Var(rate{to}, "rate", what)
}

// Set implements [pflag.Value].
func (f rate) Set(text string) error {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0) { // NaN is not
		return errors.New("want more than 0 requests a second, as in 10")
	}
	*f.to = n
	return nil
}

// String implements [pflag.Value].
func (f rate) String() string {
	if f.to == nil { // pflag asks for the zero value
		return "0"
	}
	return strconv.FormatFloat(*f.to, 'g', -1, 64)
}

// Type implements [pflag.Value].
func (rate) Type() string { return "float" }

// wrongFlag says what is wrong with a flag in the words of all other errors.
func wrongFlag(c *cobra.Command, err error) error {
	if e, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		flag := "--" + e.GetFlag().Name
		_, what := pflag.UnquoteUsage(e.GetFlag())
		err := fmt.Errorf("%s has no value, want one: %s", flag, strings.Join(strings.Fields(what), " "))
		return usage(err, exampleOf(c, flag+" ")+helpOf(c))
	}
	if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		want := map[string]string{
			"int": "want a whole number, as in 2", "uint64": "want a whole number from 0 on, as in 42",
			"float64": "want a number, as in 10", "bool": "want true or false, or only the flag",
			"duration":    "want a time with its unit, as in 90s, 10m or 24h",
			"stringSlice": "want names with commas between them",
		}[e.GetFlag().Value.Type()]
		want = cmp.Or(want, e.Unwrap().Error())
		return usage(fmt.Errorf("--%s %q, %s", e.GetFlag().Name, e.GetValue(), want), helpOf(c))
	}
	return usage(err, meantFlag(c, err)+helpOf(c))
}

// meantFlag asks whether the nearest flag was meant, "" if none is near or the error is about
// something else.
func meantFlag(c *cobra.Command, err error) string {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return ""
	}
	found := unknown.GetSpecifiedName()
	if after := unknown.GetSpecifiedShortnames(); after != "" {
		found, _, _ = strings.Cut(after, "=")
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if meant := words.Nearest(found, known); meant != "" {
		return "did you mean --" + meant + "? "
	}
	return ""
}

// openPort listens on the address that --listen of a command names.
func openPort(ctx context.Context, command, at, usual string) (net.Listener, error) {
	l, err := listen.Open(ctx, at)
	if _, used := errors.AsType[*listen.InUseError](err); used {
		return nil, usage(fmt.Errorf("%s: %w", command, err),
			"choose another port with --listen 127.0.0.1:PORT; port 0 takes any that is free")
	}
	if err != nil {
		return nil, usage(fmt.Errorf("%s: %w", command, err), "--listen takes HOST:PORT, as in "+usual)
	}
	return l, nil
}
