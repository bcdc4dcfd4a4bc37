package output

import (
	"flowtest/runner/report"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A printer writes text, in color where it was asked to. It keeps the first
// error of its writer and then writes no more.
type printer struct {
	w     io.Writer
	color bool
	err   error
	signs legend // of those that were written
}

// Plain shows what would steer a terminal instead of letting it: names and
// errors hold words of features and of the service.
func Plain(text string) string { return plain(text) }

func plain(text string) string {
	control := func(r rune) bool { return r != '\n' && r != '\t' && (unicode.IsControl(r) || r == utf8.RuneError) }
	if !strings.ContainsFunc(text, control) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if control(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

// The colors of a terminal.
const (
	red   = "31"
	green = "32"
	amber = "33"
	faint = "2"
	bold  = "1"
)

func (p *printer) paint(color, text string) string {
	if !p.color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// mark is the sign before a scenario or step.
func (p *printer) mark(s report.Status) string {
	color, sign := red, "✗"
	switch s {
	case report.Passed:
		color, sign = green, "✓"
	case report.Skipped, report.NotRun:
		color, sign = faint, "-"
	case report.Undefined, report.Ambiguous:
		color, sign = amber, "?"
	case report.Known, report.Flaky:
		color, sign = amber, "~"
	case report.Failed:
	}
	p.signs.of(sign, s)
	return p.paint(color, sign)
}

// short writes a duration as people read it.
func short(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
