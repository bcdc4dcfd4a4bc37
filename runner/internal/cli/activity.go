package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"

	"flowtest/runner"
	"flowtest/runner/report"
)

const (
	drawn  = 200 * time.Millisecond // how often the line of a terminal is drawn again
	short  = 500 * time.Millisecond // what is over by then needs no line
	silent = 8 * time.Second        // after that long without output a plain line is written
)

// A teller says what a command does while nothing else is written: on a
// terminal in one line that is drawn again and again, elsewhere in plain lines,
// so that a person never waits ten seconds before a still screen. The result is
// written through it, so that both do not write over each other.
type teller struct {
	result   io.Writer
	talk     io.Writer // where plain lines go
	terminal bool      // result is one that can be drawn on

	mu    sync.Mutex
	shown bool   // a line stands on the terminal
	open  []byte // what of the result stands on that line, and is covered
	begun time.Time
	last  time.Time // when something was written
}

// told returns a teller through which the result goes from now on.
func (p *Process) told() *teller {
	term, _ := p.Env("TERM")
	t := &teller{talk: p.Stderr, terminal: p.Terminal && term != "dumb", result: p.Stdout}
	p.Stdout = t
	p.stop.through(t)
	return t
}

// yield takes the line off the terminal for what is said beside the result. It
// does not wait: what is being written may never end.
func (t *teller) yield() {
	if t == nil || !t.mu.TryLock() {
		return
	}
	defer t.mu.Unlock()
	t.clear()
}

// Write implements [io.Writer]: what is the result takes the line's place.
func (t *teller) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	t.last = time.Now()
	if t.terminal {
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			t.open = append(t.open[:0], b[i+1:]...)
		} else {
			t.open = append(t.open, b...)
		}
	}
	return t.result.Write(b)
}

// clear takes the line off the terminal, and puts back what it covered.
func (t *teller) clear() {
	if t.shown {
		_, _ = io.WriteString(t.result, "\r\x1b[2K"+string(t.open)) // a screen that is gone has no line
		t.shown = false
	}
}

// begin says again and again what text returns, until stop is called.
func (t *teller) begin(text func(now time.Time) string) (stop func()) {
	t.mu.Lock()
	t.begun, t.last = time.Now(), time.Now()
	t.mu.Unlock()
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		t.run(done, text)
	}()
	return func() {
		close(done)
		<-ended
	}
}

func (t *teller) run(done <-chan struct{}, text func(now time.Time) string) {
	every := time.Second
	if t.terminal {
		every = drawn
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-done:
			t.mu.Lock()
			t.clear()
			t.mu.Unlock()
			return
		case now := <-tick.C:
			t.draw(now, text(now))
		}
	}
}

func (t *teller) draw(now time.Time, text string) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) { // a name could steer the terminal
			return '?'
		}
		return r
	}, text)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.terminal && now.Sub(t.begun) >= short:
		// Without the wrapping of lines it is cut where the terminal ends.
		_, _ = io.WriteString(t.result, "\r\x1b[2K\x1b[?7l"+text+"\x1b[?7h")
		t.shown = true
	case !t.terminal && now.Sub(t.last) >= silent:
		_, _ = io.WriteString(t.talk, "flowtest: "+text+"\n")
		t.last = now
	}
}

// tell follows a run until stop is called.
func (t *teller) tell(s *runner.Suite) (stop func()) {
	count := &counting{}
	s.Activity = &report.Activity{}
	s.Reporter = report.Many(count, s.Reporter)
	return t.begin(func(now time.Time) string {
		planned, _ := count.scenarios()
		return happening(now, s.Activity.Now(), planned)
	})
}

// happening says what runs, how far the run is and what did not pass.
func happening(now time.Time, m report.Moment, planned int) string {
	switch {
	case planned == 0:
		return "reading features and recordings"
	case m.Done == planned:
		return fmt.Sprintf("%d of %d done; writing what came of them", m.Done, planned)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d done", m.Done, planned)
	if m.Bad > 0 {
		fmt.Fprintf(&b, ", %d did not pass (last %s)", m.Bad, m.LastBad)
	}
	sep := "; running "
	for i, r := range m.Running {
		const most = 3
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(m.Running)-most)
			break
		}
		fmt.Fprintf(&b, "%s%s (%s)", sep, r.Place, max(0, now.Sub(r.Since)).Round(time.Second))
		sep = ", "
	}
	return b.String()
}

// counting is a reporter that learns how many scenarios a run has, and counts them.
type counting struct {
	report.Discard

	mu            sync.Mutex
	planned, seen int
}

// Begin implements [report.Reporter].
func (c *counting) Begin(p report.Plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.planned = p.Scenarios
}

// Scenario implements [report.Reporter].
func (c *counting) Scenario(*report.Scenario) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen++
}

func (c *counting) scenarios() (planned, seen int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.planned, c.seen
}
