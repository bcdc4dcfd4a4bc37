// Package stop says how a command ends once the process is asked to end. It does not
// know what the commands do.
package stop

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// Err is the error of what is not written because the process was asked to end.
var Err = errors.New("stopped")

// A Gate is passed by all that a command prints and writes. Most commands end at once
// when the process is asked to: from then on nothing is printed and no file takes its
// place, so that no half of a result is left. Those that finish something say what. The
// zero Gate is open.
type Gate struct {
	known atomic.Bool

	mu    sync.Mutex // held while files take their places
	doing *string    // nil ends the command at once
	code  int        // the exit code of the signal that ended the command at once, or 0
	first int        // that of the signal with which the command finishes, or 0
	wrote bool
	undo  []func() // what is temporary goes where the command ends at once
}

// Finishing notes what a command finishes if it is asked to end from now on, as a sentence goes
// on; "" says nothing of it. The error is [Err] if it was asked already.
func (g *Gate) Finishing(what string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.code != 0 {
		return Err
	}
	g.doing = &what
	return nil
}

// Asked takes in a signal. It waits for files that are about to take their places. It
// returns what to say, or the exit code of a command that ends at once.
func (g *Gate) Asked(sig os.Signal) (say string, code int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.doing == nil {
		g.code = CodeOf(sig)
		for _, undo := range g.undo {
			undo()
		}
		return "", g.code
	}
	g.known.Store(true)
	g.first = CodeOf(sig)
	text := "stopping"
	if *g.doing != "" {
		text += ": " + *g.doing
	}
	return text + "; a second Ctrl-C ends it at once", 0
}

// Known reports whether the person was informed that the command stops.
func (g *Gate) Known() bool { return g.known.Load() }

// Signaled returns the exit code of the signal with which a command finishes, or 0.
func (g *Gate) Signaled() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.first
}

// AtOnce returns the exit code of a command that a signal ended at once, or 0.
func (g *Gate) AtOnce() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.code
}

// Wrote reports whether any file took its place.
func (g *Gate) Wrote() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.wrote
}

// Commit keeps signals waiting until done is called, while files take their places. Nothing is
// printed meanwhile. The error is [Err] if the command has ended already.
func (g *Gate) Commit() (done func(), err error) {
	g.mu.Lock()
	if g.code != 0 {
		g.mu.Unlock()
		return func() {}, Err
	}
	g.wrote = true
	return g.mu.Unlock, nil
}

// Temporary keeps signals waiting while create makes what undo removes, which may be nil. A
// signal that ends the command at once calls undo. The error is that of [Gate.Commit].
func (g *Gate) Temporary(create func() (undo func())) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.code != 0 {
		return Err
	}
	if undo := create(); undo != nil {
		g.undo = append(g.undo, undo)
	}
	return nil
}

// CodeOf is the exit code of a process that a signal ends, as shells have it:
// 130 for Ctrl-C, 143 for SIGTERM.
func CodeOf(sig os.Signal) int {
	const bySignal = 128
	if n, ok := sig.(syscall.Signal); ok {
		return bySignal + int(n)
	}
	return bySignal + int(syscall.SIGINT)
}

// Fault says what a panic was and in which line of flowtest, for who fixes it. It is called by
// the function that recovered it.
func Fault(p any) string {
	text := fmt.Sprintf("a fault of flowtest: %v", p)
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for panicked := false; ; {
		f, more := frames.Next()
		if panicked && strings.HasPrefix(f.Function, "flowtest/") {
			return fmt.Sprintf("%s (%s:%d)", text, filepath.Base(f.File), f.Line)
		}
		panicked = panicked || f.Function == "runtime.gopanic"
		if !more {
			return text
		}
	}
}
