package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/stop"
)

// Whatever goes wrong together is said together: what a person does not read of,
// no caller handles.
func TestEveryErrorOfACommandIsPrinted(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	for name, row := range map[string]struct {
		err  error
		want []string
		code int
	}{
		"nothing": {nil, nil, ExitPassed},
		"one":     {usage(errors.New("a: no"), "do b"), []string{"error: a: no", "hint: do b"}, ExitUsage},
		"two that were joined": {
			errors.Join(usage(errors.New("a: no"), "do b"), usage(errors.New("c: no"), "do d")),
			[]string{"error: a: no", "error: c: no", "hint: do b", "hint: do d"},
			ExitUsage,
		},
		"one of them without an exit code": {
			errors.Join(&exitError{ExitNothing, errors.New("nothing was seen"), ""}, full),
			[]string{"error: nothing was seen", "error: the disk is full"},
			ExitUsage,
		},
		"the one without an exit code first": {
			errors.Join(full, &exitError{ExitFailed, errors.New("it failed"), "mend it"}),
			[]string{"error: the disk is full", "error: it failed", "hint: mend it"},
			ExitUsage,
		},
		"one that has said everything itself": {
			errors.Join(&exitError{code: ExitFailed}, full), []string{"error: the disk is full"}, ExitUsage,
		},
		"joined of joined": {
			errors.Join(errors.Join(usage(errors.New("a"), "h"), usage(errors.New("b"), "h")), usage(errors.New("c"), "")),
			[]string{"error: a", "error: b", "error: c", "hint: h"},
			ExitUsage,
		},
		"the same twice": {
			errors.Join(usage(full, "h"), usage(errors.Join(full, errors.New("and more")), "h")),
			[]string{"error: the disk is full", "error: and more", "hint: h"},
			ExitUsage,
		},
		"a sentence around several": {
			fmt.Errorf("saving %w: %w", usage(errors.New("a"), "h"), full),
			[]string{"error: saving a: the disk is full", "hint: h"},
			ExitUsage,
		},
		"a failure outweighs the environment": {
			errors.Join(&exitError{code: ExitEnvironment}, &exitError{code: ExitFailed}), nil, ExitFailed,
		},
		"only the environment may be tried again": {
			errors.Join(&exitError{ExitEnvironment, errors.New("a"), ""}, &exitError{ExitEnvironment, errors.New("b"), ""}),
			[]string{"error: a", "error: b"},
			ExitEnvironment,
		},
		"one of a package of Go": {
			usage(errors.New("mockserver: no challenge ends \"foo\""), ""), []string{`error: no challenge ends "foo"`}, ExitUsage,
		},
		"one without an exit code": {full, []string{"error: the disk is full"}, ExitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			var talk strings.Builder
			got := (&Process{Stderr: &talk}).sayError(row.err)
			var want strings.Builder
			for _, line := range row.want {
				want.WriteString("flowtest: " + line + "\n")
			}
			assert.Equal(t, row.code, got)
			assert.Equal(t, want.String(), talk.String())
		})
	}
}

// A file takes its place whole before a signal ends the command, or not at all.
func TestNoFileIsReplacedAfterASignal(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "a.har")
	p := &Process{stop: &stop.Gate{}, Stderr: &strings.Builder{}}
	put := func(text string) error {
		return p.replace(name, func(to io.Writer) error {
			_, err := io.WriteString(to, text)
			return err
		})
	}
	require.NoError(t, put("one"))
	_, code := p.stop.Asked(syscall.SIGINT)
	assert.Equal(t, 130, code)
	require.ErrorIs(t, put("two"), stop.Err)
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "one", string(text))
	entries, err := os.ReadDir(filepath.Dir(name))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "no draft is left")
	require.ErrorIs(t, p.stop.Finishing("x"), stop.Err)
}

// Nothing that a service, a file or an argument says steers a terminal, in however many
// parts it is written.
func TestNothingSteersATerminal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain\ttext\nüber":           "plain\ttext\nüber",
		"\x1b]0;mine\x07":             `\u001b]0;mine\u0007`,
		"\u009b31m":                   `\u009b31m`,
		"a\u202eb\u2066c":             `a\u202eb\u2066c`,
		"\x1b[31mred\x1b[0m\r\x1b[2K": `\u001b[31mred\u001b[0m\u000d\u001b[2K`,
		"\x7f\x9b.":                   `\u007f\ufffd.`,
		"of\r\nWindows\rgone":         "of\r\nWindows\\u000dgone",
	} {
		for size := 1; size <= len(text); size++ {
			var b strings.Builder
			w := &tame{to: &b}
			for part := range slices.Chunk([]byte(text), size) {
				n, err := w.Write(part)
				require.NoError(t, err)
				require.Equal(t, len(part), n)
			}
			require.Equal(t, want, b.String(), "in parts of %d", size)
		}
	}
	var b strings.Builder
	_, err := (&tame{to: &b, own: true}).Write([]byte("\r\x1b[2K\x1b[?7l\x1b[1;31mred\x1b[0m\x1b[?7h\x1b[2J\x07"))
	require.NoError(t, err)
	assert.Equal(t, "\r\x1b[2K\x1b[?7l\x1b[1;31mred\x1b[0m\x1b[?7h\\u001b[2J\\u0007", b.String())
}

func TestAFolderIsPutBeforeEachLineAsItIs(t *testing.T) {
	err := inFolder("rec/", true, errors.New("a/recording.yaml:3: https://x//y\n.: cannot be read"))
	assert.EqualError(t, err, "rec/a/recording.yaml:3: https://x//y\nrec: cannot be read")
}

func TestAPathIsNamedInAText(t *testing.T) {
	for text, want := range map[string]bool{
		"lock a/b: ": true, "": false, "lock a/bc: ": false, "lock xa/b: ": false, `of "a/b"`: true, "a/bc and a/b": true,
	} {
		assert.Equal(t, want, names(text, "a/b"), text)
	}
}
