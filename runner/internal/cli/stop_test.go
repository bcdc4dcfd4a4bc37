package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// A stuck is a command that hangs where it first looks up a variable or prints, until
// it is released: as one does that has much to compute, or a disk that does not answer.
type stuck struct {
	release   chan struct{}
	mu        sync.Mutex
	out, talk strings.Builder
	hangs     bool
}

func (s *stuck) lookup(name string) (string, bool) {
	if name == "BLOCKS" {
		<-s.release
	}
	return "", name == "BLOCKS"
}

// Write implements io.Writer.
func (s *stuck) Write(b []byte) (int, error) {
	if s.hangs {
		<-s.release
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(b)
}

// One signal ends every command that has nothing to finish, wherever it is, and what it
// still does changes no file and prints nothing.
func TestOneSignalEndsEveryCommand(t *testing.T) {
	const config = "target: replay\ntargets:\n  replay:\n    type: replay\n    users:\n      alice: {username: \"${BLOCKS}x\"}\n"
	plain := strings.ReplaceAll(config, "${BLOCKS}", "")
	made := t.TempDir()
	write(t, made, map[string]string{"flowtest.yaml": plain, "features/a.feature": signsOnTo(right)})
	copyRecordings(t, made, "sign-on", "mfa")
	shop, err := os.ReadFile("../export/testdata/shop.json")
	require.NoError(t, err)
	write(t, made, map[string]string{
		"shop.json": string(shop), "other.json": strings.ReplaceAll(string(shop), "Sign On", "Sign In"),
	})
	require.Equal(t, 0, command(t.Context(), made, nil, "export", "--har", "--out", "a.har", "sign-on").code)
	ran := command(t.Context(), made, nil, "run", "--report", "report", "--dry-run")
	require.Equal(t, 0, ran.code, ran.errors)

	for name, row := range map[string]struct {
		hangs bool // at its first line of output, else where it reads flowtest.yaml
		args  []string
	}{
		"import":          {false, []string{"import", "a.har", "--flow", "sign-on", "--out", "new"}},
		"export, printed": {true, []string{"export", "--har"}},
		"check":           {true, []string{"check"}},
		"diff":            {true, []string{"diff", "recordings/sign-on", "recordings/mfa"}},
		"report":          {true, []string{"report", "report", "--out", "merged"}},
		"run":             {false, []string{"run", "--report", "new"}},
		"serve":           {false, []string{"serve", "--listen", "127.0.0.1:0"}},
		"steps":           {true, []string{"steps"}},
		"requirements":    {true, []string{"requirements"}},
		"coverage":        {true, []string{"coverage", "recordings/sign-on", "recordings/sign-on"}},
		"describe":        {true, []string{"describe", "shop.json"}},
		"check, exports":  {true, []string{"check", "shop.json", "--format", "json"}},
		"diff, exports":   {true, []string{"diff", "shop.json", "other.json"}},
		"schema":          {true, []string{"schema", "flowtest.yaml"}},
		"doctor":          {false, []string{"doctor"}},
		"log":             {false, []string{"log", "x"}},
		"users":           {false, []string{"users", "--clean"}},
		"mutate":          {false, []string{"mutate"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			linked(t, dir, made, "flowtest.yaml")
			text := config
			if row.hangs {
				text = plain
			}
			write(t, dir, map[string]string{"flowtest.yaml": text})
			before := filesBelow(t, dir)
			for sig, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
				synctest.Test(t, func(t *testing.T) {
					s := &stuck{release: make(chan struct{}), hangs: row.hangs}
					signals := make(chan os.Signal, 2)
					go func() {
						synctest.Wait() // it hangs
						signals <- sig
					}()
					began := time.Now()
					got := cli.Main(context.Background(), cli.Process{
						Args: row.args, Stdout: s, Stderr: &s.talk, Dir: dir, Env: s.lookup, Signals: signals,
					})
					assert.Equal(t, code, got, s.talk.String())
					assert.Equal(t, "flowtest: error: stopped: nothing was written\n", s.talk.String())
					assert.Less(t, time.Since(began), time.Second)
					close(s.release) // the end of the bubble waits for all that the command still does
				})
			}
			assert.Equal(t, before, filesBelow(t, dir))
		})
	}
}

// filesBelow has the texts of all files below a folder by their names.
func filesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		out[name] = string(text)
		return err
	}))
	return out
}

// A server that is ended has done its work.
func TestASignalIsHowAServerEnds(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		var talk strings.Builder
		signals := make(chan os.Signal, 2)
		out := &announced{"curl", func() { signals <- sig }}
		code := cli.Main(context.Background(), cli.Process{
			Args: []string{"serve", "--listen", "127.0.0.1:0"}, Stdout: out, Stderr: &talk, Env: noEnvironment, Signals: signals,
		})
		assert.Equal(t, cli.ExitPassed, code, talk.String())
		assert.Contains(t, talk.String(), "flowtest: stopping: requests that are open have ")
	}
}

// announced calls a function when a text was printed.
type announced struct {
	text string
	then func()
}

// Write implements io.Writer.
func (a *announced) Write(b []byte) (int, error) {
	if strings.Contains(string(b), a.text) {
		a.then()
	}
	return len(b), nil
}

// A command that is ended does not say that nothing was written where something was.
func TestWhatWasWrittenBeforeASignalIsReported(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := &stuck{release: make(chan struct{}), hangs: true}
		signals := make(chan os.Signal, 2)
		go func() {
			synctest.Wait() // it says where the certificate is
			signals <- syscall.SIGINT
		}()
		got := cli.Main(context.Background(), cli.Process{
			Args: []string{"serve", "--listen", "127.0.0.1:0", "--tls", "--write-ca", "ca.pem"}, Stdout: s, Stderr: &s.talk,
			Dir: dir, Env: s.lookup, Signals: signals,
		})
		assert.Equal(t, 130, got)
		assert.Equal(t, "flowtest: error: stopped: what is written is whole, and the rest is not written\n", s.talk.String())
		close(s.release)
	})
	assert.FileExists(t, filepath.Join(dir, "ca.pem"))
}

// What is there only while a command runs is gone where a signal ends it at once.
func TestASignalLeavesNoTemporaryFile(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	synctest.Test(t, func(t *testing.T) {
		s := &stuck{release: make(chan struct{}), hangs: true}
		signals := make(chan os.Signal, 2)
		var made []string
		go func() {
			synctest.Wait() // it says where the certificate is
			made, _ = filepath.Glob(filepath.Join(dir, "flowtest-serve-*", "ca.pem"))
			signals <- syscall.SIGTERM
		}()
		got := cli.Main(context.Background(), cli.Process{
			Args: []string{"serve", "--listen", "127.0.0.1:0", "--tls"}, Stdout: s, Stderr: &s.talk,
			Dir: dir, Env: s.lookup, Signals: signals,
		})
		assert.Equal(t, 143, got)
		assert.Equal(t, "flowtest: error: stopped: nothing was written\n", s.talk.String())
		assert.Len(t, made, 1)
		assert.Empty(t, filesBelow(t, dir))
		close(s.release)
	})
}

// Mutants that were tried before a signal are reported, and the exit code is that of the signal.
func TestMutateReportsWhatIsKnownAtASignal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"flowtest.yaml": "targets:\n  replay: {type: replay}\n",
		"features/a.feature": "Feature: F\n  Scenario: s\n    Given the flow \"sign-on\"\n    When I start the flow\n" +
			"    And I fill in \"username\" with \"${env.WHO}\"\n",
	})
	copyRecordings(t, dir)
	for after, want := range map[int32]string{
		1:  "stopped before the first mutant was tried",
		30: "stopped before its end",
	} {
		for sig, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
			signals, said := make(chan os.Signal, 2), make(chan struct{})
			var asked atomic.Int32
			var stopping sync.Once
			var out strings.Builder
			talk := &announced{"stopping: what is known by then is printed", func() { stopping.Do(func() { close(said) }) }}
			got := cli.Main(context.Background(), cli.Process{
				Args: []string{"mutate"}, Stdout: &out, Stderr: talk, Dir: dir, Signals: signals,
				Env: func(name string) (string, bool) {
					if name != "WHO" {
						return "", false
					}
					if n := asked.Add(1); n == after {
						signals <- sig
						<-said
					}
					return "alice", true
				},
			})
			assert.Equal(t, code, got)
			assert.Contains(t, out.String(), want)
		}
	}
}
