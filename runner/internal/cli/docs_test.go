package cli_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

// TestTheCommandsOfTheDocsRun walks the README and the pages of .github/docs from top to
// bottom, each in an empty folder, and does what a reader would do:
//
//   - a block of sh is run by bash, and has to succeed;
//   - a block of text after it has to be in what it printed, line by line, where … is
//     any text and durations do not count;
//   - a block that begins with a comment "# FILE" is written to that file.
//
// A comment in front of a block, which a page does not show, changes that:
//
//	<!-- test: exit 1 -->       the block of sh ends in that exit code
//	<!-- test: background -->   it runs until the page ends, and is ready when it prints a URL
//	<!-- test: file FILE -->    the block is written to FILE
//	<!-- test: append FILE -->  the block is put after what FILE has
//	<!-- test: none -->         the block is only shown
//	<!-- test: init -->         the folder gets what flowtest init writes
//	<!-- test: live -->         the environment gets a live target that a server of ours answers
func TestTheCommandsOfTheDocsRun(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	needsBash(t)
	for _, file := range docs(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			newReader(t, string(text)).follow()
		})
	}
}

// docs returns the README and the pages of the manual.
func docs(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob(repository + "/.github/docs/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	return append(pages, repository+"/README.md")
}

// TestTheDocsLinkToWhatIsThere follows the links between the pages.
func TestTheDocsLinkToWhatIsThere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
	for _, file := range docs(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			_, err := os.Stat(filepath.Join(filepath.Dir(file), filepath.FromSlash(m[1])))
			assert.NoError(t, err, "%s links to %s", file, m[1])
		}
	}
}

func TestTheReadmeIsShort(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(repository + "/README.md")
	require.NoError(t, err)
	assert.LessOrEqual(t, strings.Count(string(text), "\n"), 200)
}

// TestTheRecordingsPageIsWhole looks in the page for each key that the loader reads
// and for each placeholder that it names where it refuses another one.
func TestTheRecordingsPageIsWhole(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(repository + "/.github/docs/recordings.md")
	require.NoError(t, err)
	page := string(text)
	_, err = recordings.Load(fstest.MapFS{"recording.yaml": {Data: []byte(
		"format: 1\nx: 1\nrecorded: {x: 1}\nhops:\n  - {x: 1, request: {x: 1}, response: {x: 1}}\n")}}, ".")
	lists := regexp.MustCompile(`unknown key "x", want one of (.*)`).FindAllStringSubmatch(err.Error(), -1)
	require.Len(t, lists, 5, "%v", err)
	for _, list := range lists {
		for key := range strings.SplitSeq(list[1], ", ") {
			assert.Contains(t, page, "`"+key+"`")
		}
	}
	_, err = recordings.Load(fstest.MapFS{
		"recording.yaml": {Data: []byte("format: 1\nsource: synthetic\nflow: f\nhops:\n  - name: start\n" +
			"    request: {path: /as/authorize}\n    response: {status: 200, json: start.json}\n")},
		"start.json": {Data: []byte(`{"id": "{{unknown}}"}`)},
	}, ".")
	require.ErrorContains(t, err, "unknown variable {{unknown}}")
	_, list, ok := strings.Cut(err.Error(), "want one of ")
	require.True(t, ok)
	names := regexp.MustCompile(`[\w.:]+`).FindAllString(strings.ReplaceAll(strings.ReplaceAll(list, "user.ATTRIBUTE", "user.NAME"), " or ", " "), -1)
	require.Greater(t, len(names), 10)
	for _, name := range names {
		assert.Contains(t, page, "`{{"+name+"}}`")
	}
}

// A reader follows one page.
type reader struct {
	t     *testing.T
	page  string
	home  string // where the state between two blocks is kept
	begin string // the shell code that goes before each block
	serve string // the address at which its flowtest serve listens
	out   string // what the last block of sh printed
}

// block is a directive, a fenced block's language and its text.
var block = regexp.MustCompile("(?ms)^<!-- test: ([a-z]+) ?([^\n]*?) -->\n|^```([a-z]*)\n(.*?)^```\n")

// fileComment is the first line of a block that names the file it belongs in.
var fileComment = regexp.MustCompile(`^(?:#|//) ([\w./-]+\.\w+|Jenkinsfile)\n`)

// newReader gives a page ports of its own: pages are followed at the same time.
func newReader(t *testing.T, page string) *reader {
	t.Helper()
	serve, proxy := freeAddress(t), freeAddress(t)
	r := &reader{t: t, home: t.TempDir(), serve: serve}
	r.page = strings.NewReplacer("127.0.0.1:8910", serve, "127.0.0.1:8920", proxy).Replace(page)
	work := filepath.Join(r.home, "work")
	require.NoError(t, os.Mkdir(work, 0o700))
	r.begin = fmt.Sprintf(`set -eo pipefail
cd %[1]q; [ ! -e ../state ] || . ../state
trap '{ export -p; printf "cd %%q\n" "$PWD"; } >%[2]q' EXIT
flowtest() {
	if [ "$1" = serve ] && [[ " $* " != *" --listen "* ]]; then set -- "$@" --listen %[3]s; fi
	command flowtest "$@"
}
go() { # .ci/run runs these two, and flowtest is installed already
	case "$*" in
	"run ./runner/cmd/flowtest "*) flowtest "${@:3}" ;;
	"test ./..." | "install ./runner/cmd/flowtest") ;;
	*) command go "$@" ;;
	esac
}
`, work, filepath.Join(r.home, "state"), serve)
	return r
}

// freeAddress is one of this machine where nothing listens, and where no test that asks
// for any port gets one: systems give those out from 32768 on.
func freeAddress(t *testing.T) string {
	t.Helper()
	for {
		address := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
		if err == nil {
			require.NoError(t, l.Close())
			return address
		}
	}
}

func (r *reader) follow() {
	r.t.Helper()
	did, value := "", ""
	for _, m := range block.FindAllStringSubmatch(r.page, -1) {
		language, text := m[3], m[4]
		switch {
		case m[1] == "init":
			r.run("flowtest init .", 0)
			continue
		case m[1] == "live":
			r.live()
			continue
		case m[1] != "":
			did, value = m[1], m[2]
			continue
		}
		file := fileComment.FindStringSubmatch(text)
		switch {
		case did == "none":
		case did == "file":
			r.write(value, text)
		case did == "append":
			r.write(value, r.read(value)+text)
		case language == "sh" && did == "background":
			r.start(text)
		case language == "sh":
			code := 0
			if did == "exit" {
				_, err := fmt.Sscan(value, &code)
				require.NoError(r.t, err)
			}
			r.run(text, code)
		case language == "text":
			r.printed(text)
		case file != nil:
			r.write(file[1], text)
		}
		did, value = "", ""
	}
}

func (r *reader) shell(text string) *exec.Cmd {
	cmd := exec.CommandContext(r.t.Context(), "bash", "-c", r.begin+text)
	cmd.Env = append(os.Environ(), "HOME="+r.home)
	return cmd
}

func (r *reader) run(text string, code int) {
	r.t.Helper()
	cmd := r.shell(text)
	out, _ := cmd.CombinedOutput() // the exit code says it
	r.out = string(out)
	require.Equal(r.t, code, cmd.ProcessState.ExitCode(), "%s\n%s", text, r.out)
}

// start runs what runs until Ctrl-C, and returns when it is ready.
func (r *reader) start(text string) {
	r.t.Helper()
	out, in, err := os.Pipe()
	require.NoError(r.t, err)
	if !strings.Contains(text, "--listen") {
		text = strings.Replace(text, "flowtest serve", "flowtest serve --listen "+r.serve, 1)
	}
	// The program takes the place of the shell, so that the signal comes to it.
	cmd := r.shell("trap - EXIT\n" + strings.Replace(text, "flowtest ", "exec flowtest ", 1))
	cmd.Stdout, cmd.Stderr = in, in
	require.NoError(r.t, cmd.Start())
	require.NoError(r.t, in.Close())
	ready := make(chan string, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		var all strings.Builder
		for lines := bufio.NewScanner(out); lines.Scan(); {
			all.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "acr_values=") || strings.Contains(lines.Text(), "authorize") {
				select {
				case ready <- all.String():
				default:
				}
			}
		}
		select {
		case ready <- all.String():
		default:
		}
	}()
	r.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		select {
		case <-drained:
		case <-time.After(time.Second): // it waits for connections that are open
			_ = cmd.Process.Signal(os.Interrupt)
			<-drained
		}
		_ = cmd.Wait() // the test is over
		_ = out.Close()
	})
	select {
	case r.out = <-ready:
		require.Contains(r.t, r.out, "http", "%s", text)
	case <-time.After(time.Minute):
		require.Fail(r.t, "nothing was printed", "%s", text)
	}
}

// printed demands the lines of a block in what the last command printed.
func (r *reader) printed(text string) {
	r.t.Helper()
	took := regexp.MustCompile(`[0-9]+\\\.[0-9]s\b`)
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || line == "…" {
			continue
		}
		pattern := took.ReplaceAllString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*"), `[0-9.]+s`)
		assert.Regexp(r.t, "(?m)^\\s*"+pattern+"\\s*$", r.out)
	}
}

// place is where a file of the page belongs: in the folder to which its commands went.
func (r *reader) place(name string) string {
	r.t.Helper()
	out, err := r.shell("pwd").Output()
	require.NoError(r.t, err)
	return filepath.Join(strings.TrimSpace(string(out)), filepath.FromSlash(name))
}

func (r *reader) write(name, text string) {
	r.t.Helper()
	path := r.place(name)
	require.NoError(r.t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(r.t, os.WriteFile(path, []byte(text), 0o600))
}

func (r *reader) read(name string) string {
	r.t.Helper()
	text, err := os.ReadFile(r.place(name))
	require.NoError(r.t, err)
	return string(text)
}

// live starts a server that stands in for the environment of the pages' target staging.
func (r *reader) live() {
	r.t.Helper()
	folder := filepath.Join(r.home, "staging")
	require.NoError(r.t, os.CopyFS(folder, os.DirFS(filepath.Join(initialized(r.t), "recordings"))))
	file := filepath.Join(folder, "sign-on", "recording.yaml")
	text, err := os.ReadFile(file)
	require.NoError(r.t, err)
	policy := regexp.MustCompile(`(?m)^policy: .*$`)
	require.NoError(r.t, os.WriteFile(file, policy.ReplaceAll(text, []byte("policy: 1f2e3d4c5b6a79880716253443526170")), 0o600))
	address := freeAddress(r.t)
	const environment = "0f10e7e5-7000-4000-8000-000000000001"
	ca := filepath.Join(r.home, "staging-ca.pem")
	r.start(fmt.Sprintf("cd %q\nflowtest serve staging --tls --write-ca %q --listen %s\n", r.home, ca, address))
	r.run(fmt.Sprintf(`export FLOWTEST_BASE_URL=https://%s/%s/as FLOWTEST_CA=%q FLOWTEST_ENVIRONMENT_ID=%s
export FLOWTEST_CLIENT_ID=app ALICE_USERNAME=alice ALICE_PASSWORD=demo-Passw0rd-1`, address, environment, ca, environment), 0)
}
