package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/stop"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/walk"
	"flowtest/runner/report"
	"flowtest/steps/words"
)

const (
	drawn  = 200 * time.Millisecond // how often the line of a terminal is drawn again
	short  = 500 * time.Millisecond // what is over by then needs no line
	silent = 8 * time.Second        // after that long without output a plain line is written
)

// A statusLine says what a command does while nothing else is written: on a
// terminal in one line that is drawn again and again, elsewhere in plain lines,
// so that a person never waits ten seconds before a still screen. The result is
// written through it, so that both do not write over each other.
type statusLine struct {
	result   io.Writer
	talk     io.Writer // where plain lines go
	terminal bool      // result is one that can be drawn on

	mu    sync.Mutex
	shown bool   // a line is on the terminal
	open  []byte // what of the result is on that line, and covered
	begun time.Time
	last  time.Time // when something was written
}

// newStatus returns a status line through which the result goes from now on.
func newStatus(p *Process) *statusLine {
	term, _ := p.Env("TERM")
	t := &statusLine{talk: p.Stderr, terminal: p.Terminal && term != "dumb", result: unguarded(p.Stdout)}
	p.Stdout = &digest.Guard{To: t}
	p.line.Store(t)
	return t
}

// unguarded returns the writer in which CI servers do find commands, for the one reporter
// that means them.
func unguarded(w io.Writer) io.Writer {
	if g, ok := w.(*digest.Guard); ok {
		return g.To
	}
	return w
}

// A plain writes a text with nothing in it that steers a terminal or a CI server.
type plain struct{ w io.Writer }

// Write implements [io.Writer].
func (p plain) Write(b []byte) (int, error) {
	_, err := io.WriteString(p.w, digest.Plain(string(b)))
	return len(b), err
}

// hide takes the line off the terminal for what is said beside the result. It
// does not wait: what is being written may never end.
func (t *statusLine) hide() {
	if t == nil || !t.mu.TryLock() {
		return
	}
	defer t.mu.Unlock()
	t.clear()
}

// Write implements [io.Writer]: what is the result takes the line's place.
func (t *statusLine) Write(b []byte) (int, error) {
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
func (t *statusLine) clear() {
	if t.shown {
		_, _ = io.WriteString(t.result, "\r\x1b[2K"+string(t.open)) // a screen that is gone has no line
		t.shown = false
	}
}

// begin says again and again what text returns, until end is called.
func (t *statusLine) begin(text func(now time.Time) string) (end func()) {
	t.mu.Lock()
	t.begun, t.last = time.Now(), time.Now()
	t.mu.Unlock()
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() { t.run(done, text) })
	return func() {
		close(done)
		ended.Wait()
	}
}

func (t *statusLine) run(done <-chan struct{}, text func(now time.Time) string) {
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

func (t *statusLine) draw(now time.Time, text string) {
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

// follow says how far a run is until end is called.
func (t *statusLine) follow(s *runner.Suite) (end func()) {
	count := &counting{}
	activity := &output.Activity{}
	s.Watcher = activity
	s.Reporter = report.Many(count, s.Reporter)
	return t.begin(func(now time.Time) string {
		return happening(now, activity.Now(), int(count.planned.Load()))
	})
}

// happening says what runs, how far the run is and what did not pass.
func happening(now time.Time, m output.Moment, planned int) string {
	switch {
	case planned == 0:
		return "reading features and recordings"
	case m.Done == planned:
		return fmt.Sprintf("%d of %d done; writing the results", m.Done, planned)
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
		fmt.Fprintf(&b, "%s%s:%d (%s", sep, r.File, r.Line, max(0, now.Sub(r.Began)).Round(time.Second))
		if i == 0 && m.Waiting != "" {
			b.WriteString(", " + m.Waiting)
		}
		b.WriteString(")")
		sep = ", "
	}
	return b.String()
}

// counting is a reporter that learns how many scenarios a run has, and counts them.
type counting struct {
	report.Discard

	planned, seen atomic.Int64
}

// Begin implements [report.Reporter].
func (c *counting) Begin(p report.Plan) { c.planned.Store(int64(p.Scenarios)) }

// Scenario implements [report.Reporter].
func (c *counting) Scenario(*report.Scenario) { c.seen.Add(1) }

// patience is how long a command that ends at once may take to tidy up.
const patience = 300 * time.Millisecond

// untilEnd runs a command and returns the exit code, which is that of a signal where
// one ended it: the process does not wait for what such a command still does.
func (p *Process) untilEnd(ctx context.Context, command func(context.Context) error) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- faultless(ctx, command) }()
	signals := p.Signals
	for {
		select {
		case err := <-ended:
			if code := p.stop.AtOnce(); code != 0 {
				return p.sayStopped(code)
			}
			return p.sayError(errors.Join(err, p.lost()))
		case sig := <-signals:
			signals = nil // the others are handled by the one that is started here
			text, code := p.stop.Asked(sig)
			cancel()
			if code != 0 {
				select {
				case <-ended: //nolint:errcheck // the signal is why it ended
				case <-time.After(patience):
				}
				return p.sayStopped(code)
			}
			defer p.second(text)()
		}
	}
}

// second says that a command stops, and ends the process with the next signal,
// whatever hangs: a pipe without a reader, a disk that does not answer.
func (p *Process) second(text string) (release func()) {
	done, said := make(chan struct{}), make(chan struct{})
	go func() { // where even stderr hangs, the second signal is handled all the same
		defer close(said)
		p.line.Load().hide()
		p.say(text)
	}()
	go func() {
		select {
		case sig := <-p.Signals:
			if p.Exit != nil {
				p.Exit(stop.CodeOf(sig))
			}
		case <-done:
		}
	}()
	return func() {
		close(done)
		select {
		case <-said:
		case <-time.After(patience):
		}
	}
}

// announce writes where everything is and how to try it. A flow is written when it is known how to
// come to its end, which takes a while if the flow is large.
func (r *replayed) announce(to *bufio.Writer, base, ca string, watched bool) {
	root := base + "/" + r.env + "/as"
	start := func(f *recordings.Flow) string {
		policy, _ := r.Policy(f.Name)
		return root + "/authorize?response_mode=pi.flow&response_type=code&scope=openid&client_id=any&acr_values=" +
			policy
	}
	_, _ = fmt.Fprintf(to, "replaying %s, stop with Ctrl-C\n  recordings     %s\n  users          %s\n"+
		"  discovery      %s/.well-known/openid-configuration\n",
		words.Count(len(r.flows), "flow"), r.from(watched), r.users, root)
	for _, f := range r.flows {
		_ = to.Flush() // if it fails, what is written later fails too
		_, _ = fmt.Fprintf(to, "  %-14s %s  (%s)\n", f.Name, start(f), f.Source)
		for _, end := range walk.Ends(f, r.users.first(), r.users.builtin()) {
			_, _ = fmt.Fprintf(to, "    %-12s %s\n", end.What, end.Way)
		}
	}
	trust := ""
	if ca != "" {
		trust = "--cacert " + record.Quoted(ca) + " "
	}
	_, _ = fmt.Fprintf(to, "try it:\n  curl %s-H 'X-Requested-With: ping-sdk' '%s'\n", trust, start(r.flows[0]))
}

// The signers are the users who can sign on to a replay. The values of configured users
// may be secrets, and are not shown; those of the built-in ones are invented and
// public.
type signers struct {
	users  map[string]map[string]string
	config string // where they are configured
}

func (s *signers) builtin() bool { return maps.EqualFunc(s.users, target.Demo(), maps.Equal) }

// String lists them with what is known of each.
func (s *signers) String() string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(s.users)) {
		what := slices.Sorted(maps.Keys(s.users[name]))
		for i, attribute := range what {
			if s.builtin() {
				what[i] += " " + s.users[name][attribute]
			}
		}
		list = append(list, name+" ("+strings.Join(what, ", ")+")")
	}
	text := strings.Join(list, ", ")
	if !s.builtin() {
		text += "; their values are in " + s.config
	}
	return text
}

// first returns the attributes of the first of them.
func (s *signers) first() map[string]string {
	for _, name := range slices.Sorted(maps.Keys(s.users)) {
		return s.users[name]
	}
	return nil
}

// plainly says about a file in plain words that it is not there, or that it is not a folder. A path
// that the words before it name is not named again.
func plainly(err error) string {
	text := err.Error()
	e, ok := errors.AsType[*fs.PathError](err)
	if !ok {
		return text
	}
	why := e.Op + " " + e.Path + ": " + e.Err.Error()
	before, after, _ := strings.Cut(text, why)
	named := names(before, e.Path)
	switch {
	case errors.Is(e, fs.ErrNotExist) && named:
		why = "it does not exist"
	case errors.Is(e, fs.ErrNotExist):
		why = e.Path + " does not exist"
	case errors.Is(e, syscall.ENOTDIR):
		why = e.Path + ": a file is where a folder is wanted"
	}
	if named {
		why = strings.TrimPrefix(why, e.Op+" ")
		why = strings.TrimPrefix(why, e.Path+": ")
	}
	return before + why + after
}

// names reports whether a text has a path as a whole word.
func names(text, path string) bool {
	return regexp.MustCompile(`(^|[ :"])` + regexp.QuoteMeta(path) + `([ :"]|$)`).MatchString(text)
}
