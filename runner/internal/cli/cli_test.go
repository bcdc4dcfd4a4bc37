package cli_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	websdk "flowtest/mockserver/testdata/sdk"
	"flowtest/runner/internal/cli"
)

var update = flag.Bool("update", false, "write what the commands print into the transcripts")

func TestMain(m *testing.M) {
	testscript.Main(cleaning{m}, map[string]func(){"flowtest": flowtest})
}

// cleaning removes what all tests of this package shared.
type cleaning struct{ *testing.M }

// Run runs the tests, hundreds of short commands. Each by itself would end before its garbage
// is collected, so it is collected seldom here too, while there is memory. Many wait for a
// browser, a poll or a time limit: more of them run at once than there are processors, unless
// -parallel says otherwise.
func (c cleaning) Run() int {
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	// To link without symbols, and what a debugger reads, takes half as long.
	if err := os.Setenv("GOFLAGS", strings.TrimSpace(os.Getenv("GOFLAGS")+" -ldflags=-s")); err != nil {
		panic(err)
	}
	debug.SetGCPercent(800)
	debug.SetMemoryLimit(2 << 30)
	defer func() { _ = os.RemoveAll(built) }()
	defer websdk.Close()
	code := c.M.Run()
	if err := removeShipped(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// flowtest is the program as main starts it.
func flowtest() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(cli.Main(context.Background(), cli.Process{ //nolint:revive // it is the main of a program that the transcripts run
		Args: os.Args[1:], Stdout: os.Stdout, Stderr: os.Stderr, Env: os.LookupEnv, Signals: signals, Exit: os.Exit,
	}))
}

// Why the race detector has nothing to find in a test.
const (
	itPrints = "its commands are those of other tests: the race detector has nothing to find in what they print"
	itBuilds = "the program that it starts is built without the race detector"
	itSuits  = "a suite runs in the tests of the runner with the race detector"
)

// withoutRace skips a test where the race detector is at work, which -short says. Such a
// test runs in the other pass of .ci/run.
func withoutRace(t *testing.T, why string) {
	t.Helper()
	if testing.Short() {
		t.Skip(why)
	}
}

func TestTranscripts(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			shipped, err := filepath.Abs("../../../recordings")
			e.Setenv("SHIPPED", shipped)
			return err
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exit": exit, "process": process, "steady": steady, "rest": rest, "served": servedFor,
		},
	})
}

// duration is the one at the end of a run.
var duration = regexp.MustCompile(` · [0-9.]+s\n$`)

// steady FILE writes what was printed last into a file, without the duration.
func steady(ts *testscript.TestScript, _ bool, args []string) {
	text := duration.ReplaceAllString(ts.ReadFile("stdout"), "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// rest MARK FILE writes what was printed last, from MARK on, into a file.
func rest(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile("stdout")
	at := strings.Index(text, args[0])
	if at < 0 {
		ts.Fatalf("%q is not in stdout", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text[at:]), 0o600))
}

// served ARG… runs flowtest serve until the script ends. Its environment has then BASE, which
// ends in /as, and CA, a file.
func servedFor(ts *testscript.TestScript, _ bool, args []string) {
	for i, arg := range args {
		if i > 0 && args[i-1] == "--config" {
			args[i] = ts.MkAbs(arg)
		}
	}
	s, err := startServe(context.Background(), args...)
	ts.Check(err)
	ts.Defer(func() { s.stop() })
	const discovery = "/.well-known/openid-configuration"
	for _, line := range s.out {
		if at := strings.Index(line, "https://"); at >= 0 && strings.HasSuffix(line, discovery) {
			ts.Setenv("BASE", strings.TrimSuffix(line[at:], discovery))
		}
		if file, ok := strings.CutPrefix(line, "the CA's certificate is in "); ok {
			ts.Setenv("CA", strings.TrimSuffix(file, " until it ends"))
		}
	}
}

// exit CODE ARG… runs a command in this process, since 400 new ones would cost more than
// what they do, and demands that exit code.
func exit(ts *testscript.TestScript, _ bool, args []string) {
	demand(ts, args, func(args []string) string {
		var out, talk strings.Builder
		dir := ts.MkAbs(".")
		code := cli.Main(context.Background(), cli.Process{
			Args: args, Stdout: &out, Stderr: &talk, Dir: dir,
			Env: func(name string) (string, bool) {
				v := ts.Getenv(name)
				return v, v != ""
			},
		})
		// A process in that folder would name a file without it.
		_, _ = io.WriteString(ts.Stdout(), strings.ReplaceAll(out.String(), dir+"/", ""))
		_, _ = io.WriteString(ts.Stderr(), strings.ReplaceAll(talk.String(), dir+"/", ""))
		return strconv.Itoa(code)
	})
}

// process CODE ARG… does it in a process of its own: for what depends on the folder that
// it works in, and on a variable that is empty.
func process(ts *testscript.TestScript, _ bool, args []string) {
	demand(ts, args, func(args []string) string {
		if err := ts.Exec("flowtest", args...); err != nil {
			return strings.TrimPrefix(err.Error(), "exit status ")
		}
		return "0"
	})
}

// demand runs CODE ARG… and fails with another exit code.
func demand(ts *testscript.TestScript, args []string, run func(args []string) (code string)) {
	if len(args) == 0 {
		ts.Fatalf("want CODE ARG…")
	}
	if code := run(args[1:]); code != args[0] {
		ts.Fatalf("flowtest %v: exit code %s, want %s", args[1:], code, args[0])
	}
}
