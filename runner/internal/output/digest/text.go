package digest

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"flowtest/steps/words"
)

// What a report shows of a run in which much went wrong: GitHub takes a mebibyte
// for a job, and a person reads less.
const (
	MostTroubles = 50
	MostText     = 2000 // characters
)

// Plain shows what would steer a terminal or a CI server instead of letting it:
// names and errors hold words of features and of the service.
func Plain(text string) string {
	text = withoutCommands(text)
	control := func(r rune) bool { return words.Steers(r) || r == utf8.RuneError }
	if !strings.ContainsFunc(text, control) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if control(r) {
			fmt.Fprintf(&b, `\u%04x`, r) // as in JSON, which the text may be
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// command is what a CI server may read as a command to itself: on GitHub a line that
// begins with ::, and anywhere in a line ##[ there, ##vso[ on Azure Pipelines and
// ##teamcity[ on TeamCity. A runner skips blanks and may skip what has no width.
//
// Sources: the runner of GitHub Actions, ActionCommand.cs; the agent of Azure
// Pipelines, Command.cs; TeamCity's documentation, "Service messages".
var command = regexp.MustCompile(`(?i)(?:^|\n)[\s\p{Z}\p{Cf}\p{Mn}\x{85}]*::|##(?:vso|teamcity)?\[`)

// withoutCommands returns a text in which no CI server finds a command: a backslash is put before two
// colons, and of two number signs the second is escaped as in JSON, which the text may be.
func withoutCommands(text string) string {
	if !strings.Contains(text, "::") && !strings.Contains(text, "##") {
		return text
	}
	return command.ReplaceAllStringFunc(text, func(found string) string {
		if before, ok := strings.CutSuffix(found, "::"); ok {
			return before + `\::`
		}
		return `#\u0023` + found[len("##"):]
	})
}

// A Guard writes text to To in which no CI server finds a command, whatever is written
// and in how many parts. It may be used by several goroutines at once, as a server that logs
// while it stops.
type Guard struct {
	To io.Writer

	mu    sync.Mutex
	begun bool // the line that is being written has more than blanks
	hash  bool // it ends with a number sign
}

// Write implements [io.Writer].
func (g *Guard) Write(b []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	safe := b
	if g.hash || bytes.Contains(b, []byte("::")) || bytes.Contains(b, []byte("##")) {
		before := ""
		if g.hash {
			before = "#"
		} else if g.begun {
			before = "x"
		}
		safe = []byte(withoutCommands(before + string(b))[len(before):])
	}
	g.hash = bytes.HasSuffix(b, []byte("#"))
	last := b
	if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
		last, g.begun = b[i+1:], false
	}
	g.begun = g.begun || bytes.ContainsFunc(last, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.Z, unicode.Cf, unicode.Mn)
	})
	if _, err := g.To.Write(safe); err != nil {
		return 0, err
	}
	return len(b), nil
}

// A Quoting writes JSON to To so that no CI server finds a command in it. Two number
// signs are only in its strings.
type Quoting struct {
	To io.Writer

	hash bool // the last character was a number sign
}

// Write implements [io.Writer].
func (q *Quoting) Write(b []byte) (int, error) {
	safe := bytes.ReplaceAll(b, []byte("##"), []byte(`#\u0023`))
	if q.hash && bytes.HasPrefix(safe, []byte("#")) {
		safe = append([]byte(`\u0023`), safe[1:]...)
	}
	q.hash = bytes.HasSuffix(safe, []byte("#"))
	if _, err := q.To.Write(safe); err != nil {
		return 0, err
	}
	return len(b), nil
}

// Short writes a duration as people read it.
func Short(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// FirstLine returns the first line of a text that is not blank.
func FirstLine(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return first
}

// UpperFirst returns a sentence with a capital at its beginning.
func UpperFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
