package listen

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/time/rate"
)

// A plainLog writes each entry of a log as one line: what happened, why, and where.
type plainLog struct {
	say   func(line string)
	known []slog.Attr
}

// Log returns a logger that calls say with a line for each entry.
func Log(say func(line string)) *slog.Logger { return slog.New(&plainLog{say: say}) }

// Enabled implements [slog.Handler].
func (*plainLog) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

// WithAttrs implements [slog.Handler].
func (h *plainLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &plainLog{h.say, slices.Concat(h.known, attrs)}
}

// WithGroup implements [slog.Handler]. It ignores groups.
func (h *plainLog) WithGroup(string) slog.Handler { return h }

// Handle implements [slog.Handler].
func (h *plainLog) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	var where []string
	note := func(a slog.Attr) bool {
		value := oneLine(a.Value.String())
		switch a.Key {
		case "message", "why", "error":
			text += ": " + value
		default:
			where = append(where, a.Key+" "+value)
		}
		return true
	}
	for _, a := range h.known {
		note(a)
	}
	r.Attrs(note)
	if len(where) > 0 {
		text += " (" + strings.Join(where, ", ") + ")"
	}
	if r.Level >= slog.LevelError {
		text = "error: " + text
	}
	h.say(text)
	return nil
}

// oneLine removes line breaks from a text that a client sent.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// Limits on the lines about failed connections: a few at once, and then one at
// intervals, so that a client that retries endlessly does not fill the log.
const (
	brokenAtOnce = 3
	brokenPause  = 10 * time.Second
)

// A brokenLog reports why connections failed, in place of the messages of the HTTP server.
type brokenLog struct {
	say func(line string)

	mu    sync.Mutex
	limit *rate.Limiter
	more  int // lines left out
}

// serverLog returns what an HTTP server may log to.
func serverLog(say func(line string)) *log.Logger {
	return log.New(&brokenLog{say: say, limit: rate.NewLimiter(rate.Every(brokenPause), brokenAtOnce)}, "", 0)
}

// Write implements [io.Writer]; b is one entry of the log.
func (l *brokenLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.limit.Allow() {
		l.more++
		return len(b), nil
	}
	text := plainly(string(b))
	if l.more > 0 {
		text += fmt.Sprintf(" (%d more since the last such line)", l.more)
	}
	l.more = 0
	l.say(text)
	return len(b), nil
}

// plainly returns what an entry of an HTTP server's log means for the person who started it.
func plainly(entry string) string {
	entry, _, _ = strings.Cut(strings.TrimSpace(entry), "\n") // of a panic the stack follows
	entry = oneLine(strings.TrimPrefix(entry, "http: "))
	handshake, ok := strings.CutPrefix(entry, "TLS handshake error from ")
	if !ok {
		return "error: " + entry
	}
	from, why, _ := strings.Cut(handshake, ": ")
	why = strings.TrimPrefix(strings.TrimPrefix(why, "remote error: "), "tls: ")
	advice := ""
	switch {
	case strings.Contains(why, "certificate") || strings.Contains(why, "unknown authority"):
		advice = "; it has to trust the CA that was printed at the start"
	case strings.Contains(why, "HTTP request"):
		advice = "; it has to ask by https"
	}
	return fmt.Sprintf("no TLS with the client at %s: %s%s", from, why, advice)
}
