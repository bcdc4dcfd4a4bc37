package record

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"flowtest/recordings"
	"flowtest/runner/internal/learn"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

// An Error is why journeys were not recorded.
type Error struct {
	Err  error
	Hint string // what to do about it, "" for nothing

	// Environment says that the environment failed, so that recording again may
	// help. Otherwise what was recorded or the configuration has to change.
	Environment bool
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// A Saver writes recordings of journeys and reports what it wrote.
type Saver struct {
	// Recorder learns and writes. Required.
	Recorder *Recorder

	// Out gets a line for each recording. Required.
	Out io.Writer

	// Say is called with each note and warning. Required.
	Say func(line string)

	// Run is the run that drove the journeys, nil if an app did. Optional.
	Run *Run

	// Exported says that the journeys come from a file that flowtest exported, so that
	// recording them twice is of no use. Optional.
	Exported bool
}

// Save writes the recordings of flows, whose journeys are given by the flows'
// names. If one cannot be written, the others are: the error
// joins an [*Error] for each kind, or is the first of Out.
func (s *Saver) Save(journeys map[string][]davinci.Exchanges) error {
	var refused, failed []error
	var once, warnings []string
	hint := ""
	s.Recorder.there = sync.OnceValues(s.Recorder.read)
	defer func() { s.Recorder.there = nil }()
	for _, name := range slices.Sorted(maps.Keys(journeys)) {
		result, dir, err := s.save(name, journeys[name])
		if e, ok := errors.AsType[*Error](err); ok && e.Environment {
			failed = append(failed, err)
			continue
		}
		if err != nil {
			refused = append(refused, err)
			hint = cmp.Or(hint, SecretHint(err))
			continue
		}
		if err := s.report(name, dir, result); err != nil {
			return &Error{Err: err}
		}
		if result.Once > 0 && !s.Exported && len(result.Added)+len(result.Changed) > 0 {
			of := words.Count(result.Journeys, "journey")
			once = append(once, fmt.Sprintf("%s (%d of %s)", name, result.Once, of))
		}
		for _, line := range result.Warnings {
			warnings = append(warnings, "warning: "+name+": "+line)
		}
		if len(result.LeftOut) > 0 {
			hint = cmp.Or(hint, allowHint(result.LeftOutCandidates))
			refused = append(refused, fmt.Errorf("flow %q: left out, since there may be secrets in it:\n  %s", name,
				strings.Join(result.LeftOut, "\n  ")))
		}
	}
	if len(once) > 0 {
		s.Say("recorded only once: " + strings.Join(once, ", ") + ": values that the server generates could not be " +
			"distinguished from constant ones: record each path twice")
	}
	for _, line := range warnings { // last, where they are seen
		s.Say(line)
	}
	if err := errors.Join(refused...); err != nil {
		failed = slices.Insert(failed, 0, error(&Error{Err: err, Hint: hint}))
	}
	return errors.Join(failed...)
}

// save writes the recording of a flow, unless the environment failed too often.
func (s *Saver) save(name string, journeys []davinci.Exchanges) (result *learn.Result, dir string, err error) {
	if s.Run != nil {
		s.Recorder.Generated, s.Recorder.Made, s.Recorder.Refused = s.Run.generated, s.Run.users, s.Run.refused
	}
	result, err = s.Recorder.Learn(name, journeys)
	if _, ok := errors.AsType[*learn.FailedError](err); ok {
		err = &Error{Environment: true, Err: err, Hint: "record it again; where the flow answers so from now on, " +
			"write another recording with --out, or delete the one that is there first"}
	}
	if err == nil && s.Run != nil {
		err = s.Run.judge(s.Recorder, name, result)
	}
	if err == nil {
		if s.Run != nil && len(s.Run.logs[name]) > 0 {
			s.Recorder.keepLogs(result, s.Run.logs[name])
		}
		dir, err = s.Recorder.Write(name, result)
	} else if s.Run != nil {
		s.Run.failed(name, err)
	}
	if err != nil && result != nil {
		for _, line := range result.Passing {
			s.Say(name + ": " + line)
		}
	}
	return result, dir, err
}

// report says what was recorded of a flow.
func (s *Saver) report(name, dir string, r *learn.Result) error {
	if prev := r.Previous; prev != nil && prev.Source != recordings.Recorded {
		if len(r.Added)+len(r.Changed)+len(r.Removed) == 0 {
			_, err := fmt.Fprintf(s.Out, "recorded %s: nothing new in %s: %s stays as it is, with source %s\n", name,
				words.Count(r.Journeys, "journey"), dir, prev.Source)
			return err
		}
		s.Say(fmt.Sprintf("%s: its source was %s and is recorded now, though some of its hops may not have been walked",
			name, prev.Source))
	}
	logs := ""
	if n := len(r.Flow.Logs); n > 0 {
		logs = ", with " + words.Count(n, "execution log")
	}
	_, err := fmt.Fprintf(s.Out, "recorded %s: %s of %s, %d new, %d changed%s, in %s\n", name,
		words.Count(len(r.Flow.Hops), "hop"), words.Count(r.Journeys, "journey"), len(r.Added), len(r.Changed), logs,
		dir)
	if err != nil {
		return err
	}
	if r.Ignored == 1 {
		s.Say("skipped 1 request that belongs to no flow")
	} else if r.Ignored > 1 {
		s.Say(fmt.Sprintf("skipped %d requests that belong to no flow", r.Ignored))
	}
	for _, line := range slices.Concat(r.Passing, r.Broken, r.Unsure) {
		s.Say(name + ": " + line)
	}
	for _, hop := range r.Removed {
		s.Say(fmt.Sprintf("%s: the hop %q is gone: no journey reaches it now", name, hop))
	}
	return nil
}

// SecretHint says what to do where an error is about a string that looks like a
// secret; it is "" for other errors.
func SecretHint(err error) string {
	if refused, ok := errors.AsType[*learn.SecretError](err); ok {
		return allowHint(refused.Candidates)
	}
	return ""
}

// allowHint returns the hint how flowtest.yaml allows the candidates, or names them as secrets.
func allowHint(candidates []learn.Candidate) string {
	at := "PATH"
	if i := slices.IndexFunc(candidates, func(s learn.Candidate) bool {
		return strings.HasSuffix(s.Where, ".json") && s.Path != "…"
	}); i >= 0 {
		at = candidates[i].Path
	}
	return "in flowtest.yaml, where such a string is no secret: scrub: {allow: {" + at + ": REGEXP}}; " +
		`where it is one, with the variable set that has it: scrub: {secrets: ["${VARIABLE}"]}`
}
