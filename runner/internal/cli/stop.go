package cli

import (
	"context"
	"os"
	"sync"
	"syscall"
	"time"
)

// A stopping is what a command does once somebody asked it to end.
type stopping struct {
	mu    sync.Mutex
	doing string  // what it finishes, as a sentence goes on; "" says nothing of it
	line  *teller // whose line may stand on the terminal
	told  bool    // that it stops was said
}

// finishing notes what a command finishes where it is stopped from now on.
func (s *stopping) finishing(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doing = what
}

// through notes who may have a line on the terminal.
func (s *stopping) through(t *teller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line = t
}

// said reports whether the person was told that it stops.
func (s *stopping) said() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

// sentence is what a person is told, and whose line stands in the way of it.
func (s *stopping) sentence() (string, *teller) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = true
	text := "stopping"
	if s.doing != "" {
		text += ": " + s.doing
	}
	return text + "; a second Ctrl-C ends it at once", s.line
}

// heed returns a context that ends with the first signal, after which commands
// finish what they have begun. The second one ends the process, whatever hangs:
// a pipe that nobody reads, a disk that does not answer. Nothing is heeded any
// more once release is called.
func (p *Process) heed(ctx context.Context) (_ context.Context, release func()) {
	ctx, cancel := context.WithCancel(ctx)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-p.Signals:
		case <-done:
			return
		}
		text, line := p.stop.sentence()
		cancel()
		said := make(chan struct{})
		go func() { // where even stderr hangs, the second signal is heeded all the same
			defer close(said)
			line.yield()
			p.say(text)
		}()
		select {
		case sig := <-p.Signals:
			if p.Exit != nil {
				p.Exit(codeOf(sig))
			}
		case <-done:
			const patience = time.Second
			select {
			case <-said:
			case <-time.After(patience):
			}
		}
	}()
	return ctx, func() {
		close(done)
		<-ended
		cancel()
	}
}

// codeOf is the exit code of a process that a signal ends, as shells have it:
// 130 for Ctrl-C, 143 for SIGTERM.
func codeOf(sig os.Signal) int {
	const bySignal = 128
	if n, ok := sig.(syscall.Signal); ok {
		return bySignal + int(n)
	}
	return bySignal + int(syscall.SIGINT)
}
