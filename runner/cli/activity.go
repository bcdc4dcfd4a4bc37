package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"flowtest/runner"
	"flowtest/runner/report"
)

const (
	drawn  = 200 * time.Millisecond // how often the line of a terminal is drawn again
	silent = 8 * time.Second        // after that long without output a plain line is written
)

// A teller says what a run does while nothing else is written: on a terminal in
// one line that is drawn again and again, elsewhere in plain lines, so that a
// person never waits ten seconds before a still screen.
type teller struct {
	activity *report.Activity
	plan     func() int // how many scenarios there are
	line     io.Writer  // where the line goes
	terminal bool

	mu      sync.Mutex
	shown   bool // a line stands on the terminal
	last    time.Time
	holding io.Writer
}

// Write implements [io.Writer]: what is the result takes the line's place.
func (t *teller) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	t.last = time.Now()
	return t.holding.Write(b)
}

// clear takes the line off the terminal.
func (t *teller) clear() {
	if t.shown {
		_, _ = io.WriteString(t.line, "\r\x1b[2K")
		t.shown = false
	}
}

// run draws until done is closed.
func (t *teller) run(done <-chan struct{}) {
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
			t.draw(now)
		}
	}
}

func (t *teller) draw(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch text := t.text(now); {
	case t.terminal:
		const most = 100
		if r := []rune(text); len(r) > most {
			text = string(r[:most-1]) + "…"
		}
		_, _ = io.WriteString(t.line, "\r\x1b[2K"+text)
		t.shown = true
	case now.Sub(t.last) >= silent:
		_, _ = io.WriteString(t.line, "flowtest: "+text+"\n")
		t.last = now
	}
}

// text says what runs, how far the run is and what did not pass.
func (t *teller) text(now time.Time) string {
	running, done, bad := t.activity.Now()
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d done", done, t.plan())
	if len(bad) > 0 {
		fmt.Fprintf(&b, ", %d did not pass (last %s)", len(bad), bad[len(bad)-1])
	}
	for i, r := range running {
		const most = 3
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(running)-most)
			break
		}
		sep := ", "
		if i == 0 {
			sep = "; running "
		}
		fmt.Fprintf(&b, "%s%s (%s)", sep, r.Place, now.Sub(r.Since).Round(time.Second))
	}
	return b.String()
}

// counting is a reporter that learns how many scenarios a run has.
type counting struct {
	report.Discard

	mu sync.Mutex
	n  int
}

// Begin implements [report.Reporter].
func (c *counting) Begin(p report.Plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n = p.Scenarios
}

func (c *counting) scenarios() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

// tell follows a run on Stderr until stop is called. Stdout has to be the
// teller's, so that both do not write over each other: see [Process.told].
func (t *teller) tell(s *runner.Suite) (stop func()) {
	count := &counting{}
	t.mu.Lock()
	t.activity, t.plan, t.last = &report.Activity{}, count.scenarios, time.Now()
	t.mu.Unlock()
	s.Activity = t.activity
	s.Reporter = report.Many(count, s.Reporter)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		t.run(done)
	}()
	return func() {
		close(done)
		<-ended
	}
}

// told returns a teller through which the result goes from now on.
func (p *Process) told() *teller {
	t := &teller{line: p.Stderr, terminal: p.Terminal, holding: p.Stdout}
	p.Stdout = t
	return t
}
