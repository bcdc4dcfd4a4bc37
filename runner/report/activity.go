package report

import (
	"slices"
	"sync"
	"time"
)

// An Activity is what a run is doing. It may be used by several
// goroutines at once. The zero value is ready for use; a nil one takes in
// nothing and keeps nothing.
type Activity struct {
	mu      sync.Mutex
	running map[int]Running
	done    int
	bad     int
	lastBad string
}

// A Running is a scenario that runs.
type Running struct {
	Place string // FILE:LINE
	Name  string
	Since time.Time
}

// A Moment is an activity at a point in time.
type Moment struct {
	Running []Running // the longest first
	Done    int       // how many have ended
	Bad     int       // how many of those did not pass
	LastBad string    // the place of the last of them
}

// Start notes that the scenario with that number has begun.
func (a *Activity) Start(number int, r Running) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running == nil {
		a.running = map[int]Running{}
	}
	a.running[number] = r
}

// Pause notes that it does not run for a while, and has not ended.
func (a *Activity) Pause(number int) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.running, number)
}

// Finish notes that it has ended, whether or not it ever began.
func (a *Activity) Finish(number int, place string, status Status) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.running, number)
	a.done++
	if status.Bad() {
		a.bad++
		a.lastBad = place
	}
}

// Now returns what runs and what has ended.
func (a *Activity) Now() Moment {
	if a == nil {
		return Moment{}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	m := Moment{Done: a.done, Bad: a.bad, LastBad: a.lastBad}
	for _, r := range a.running {
		m.Running = append(m.Running, r)
	}
	slices.SortFunc(m.Running, func(x, y Running) int { return x.Since.Compare(y.Since) })
	return m
}
