package stream

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"flowtest/runner/report"
	"flowtest/steps/words"
)

// An Input is one stream of a merge.
type Input struct {
	Name string        // for errors, such as its folder
	R    io.ReadSeeker // what a [Writer] wrote
}

// A MergeError says why streams are not the parts of one run. Then the reporter was not called.
type MergeError struct{ Reasons []string }

// Error implements error.
func (e *MergeError) Error() string {
	return "report: these are not the parts of one run:\n  " + strings.Join(e.Reasons, "\n  ")
}

// Merge hands the shards of one run to a reporter as one run, in the order of
// the whole where the shards know it and else by file and line. A single input
// is read as it is.
//
// The error is a *[MergeError] if the inputs are of different runs, targets, features or numbers
// of shards, or one shard is there twice. A shard that is missing is not an error: the run names
// it and counts as interrupted. What was lost is in the order of the inputs.
func Merge(to report.Reporter, inputs ...Input) (*report.Run, []Lost, error) {
	switch len(inputs) {
	case 0:
		return nil, nil, errors.New("report: nothing to merge, want at least one stream")
	case 1:
		run, lost, err := Read(inputs[0].R, to)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", inputs[0].Name, err)
		}
		return run, []Lost{lost}, nil
	}
	streams := make([]*reader, len(inputs))
	for i, in := range inputs {
		s, err := openInput(in)
		if err != nil {
			return nil, nil, err
		}
		streams[i] = s
	}
	plan, missing, err := fit(inputs, streams)
	if err != nil {
		return nil, nil, err
	}
	to.Begin(plan)
	run := &report.Run{Plan: plan, Missing: missing, Interrupted: len(missing) > 0}
	if err := interleave(inputs, streams, func(s *report.Scenario) {
		add(run, s)
		to.Scenario(s)
	}); err != nil {
		return nil, nil, err
	}
	lost := make([]Lost, len(streams))
	for i, s := range streams {
		part := report.Run{Plan: s.plan}
		s.finish(&part)
		run.Interrupted = run.Interrupted || part.Interrupted
		run.Failed = run.Failed || part.Failed
		run.Notes = append(run.Notes, part.Notes...)
		run.Duration = max(run.Duration, s.plan.Began.Add(part.Duration).Sub(plan.Began))
		lost[i] = s.lost
	}
	to.End(run)
	return run, lost, nil
}

// openInput reads the features of a stream, which have to be compared before anything is
// written, and then opens the stream.
func openInput(in Input) (*reader, error) {
	wrong := func(err error) error { return fmt.Errorf("%s: %w", in.Name, err) }
	scan := &reader{}
	scan.reset(in.R)
	for {
		line, err := scan.line()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, wrong(err)
		}
		if isKind(line, "source") {
			if _, err := scan.light(line); err != nil {
				return nil, wrong(err)
			}
		}
	}
	if _, err := in.R.Seek(0, io.SeekStart); err != nil {
		return nil, wrong(err)
	}
	s, err := open(in.R)
	if err != nil {
		return nil, wrong(err)
	}
	s.sources = scan.sources
	return s, nil
}

// fit checks the plans against each other and returns that of the whole.
func fit(inputs []Input, streams []*reader) (report.Plan, []int, error) {
	var reasons []string
	no := func(format string, args ...any) { reasons = append(reasons, fmt.Sprintf(format, args...)) }
	first, name := &streams[0].plan, inputs[0].Name
	whole := *first
	whole.Shard, whole.Shards, whole.Scenarios = 0, 0, 0
	shards := map[int]string{}
	sources, from := map[string]string{}, map[string]string{}
	for i, s := range streams {
		p, here := &s.plan, inputs[i].Name
		differ := func(what, a, b string) {
			if a != b {
				no("%s is of %s %s, %s of %s", name, what, quoteOr(a), here, quoteOr(b))
			}
		}
		differ("run", first.Run, p.Run)
		differ("target", first.Target, p.Target)
		differ("flowtest", first.Version, p.Version)
		switch {
		case p.Shards == 0:
			no("%s is a whole run and no shard", here)
		case p.Shards != first.Shards:
			no("%s is of %d shards, %s of %d", name, first.Shards, here, p.Shards)
		case shards[p.Shard] != "":
			no("shard %d of %d is there twice: %s and %s", p.Shard, p.Shards, shards[p.Shard], here)
		}
		shards[p.Shard] = here
		for file, text := range s.sources {
			if old, ok := sources[file]; ok && old != text {
				no("%s has another text in %s than in %s", file, from[file], here)
			}
			sources[file], from[file] = text, here
		}
		whole.Scenarios += p.Scenarios
		if p.Began.Before(whole.Began) {
			whole.Began = p.Began
		}
	}
	if len(reasons) > 0 {
		slices.Sort(reasons)
		return report.Plan{}, nil, &MergeError{slices.Compact(reasons)}
	}
	var missing []int
	for n := 1; n <= first.Shards; n++ {
		if shards[n] == "" {
			missing = append(missing, n)
		}
	}
	whole.Source = func(file string) string { return sources[file] }
	return whole, missing, nil
}

func quoteOr(s string) string {
	if s == "" {
		return "no name"
	}
	return fmt.Sprintf("%q", s)
}

// interleave reads all streams at once and passes on the earliest scenario.
func interleave(inputs []Input, streams []*reader, hand func(*report.Scenario)) error {
	heads := make([]*report.Scenario, len(streams))
	advance := func(i int) error {
		s, err := streams[i].next()
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: %w", inputs[i].Name, err)
		}
		heads[i] = s
		return nil
	}
	for i := range streams {
		if err := advance(i); err != nil {
			return err
		}
	}
	for {
		first := -1
		for i, s := range heads {
			if s != nil && (first < 0 || before(s, heads[first])) {
				first = i
			}
		}
		if first < 0 {
			return nil
		}
		hand(heads[first])
		if err := advance(first); err != nil {
			return err
		}
	}
}

// before reports whether a comes before b in the whole run.
func before(a, b *report.Scenario) bool {
	if a.Number > 0 && b.Number > 0 {
		return a.Number < b.Number
	}
	if a.File != b.File {
		return a.File < b.File
	}
	return a.Line < b.Line
}

// Lost counts what could not be read of a stream.
type Lost struct {
	Bytes     int64 // at its end, after the last whole line
	Lines     int   // that are not JSON, or not what they say they are
	Hops      int   // of scenarios and attempts that could be read
	Attempts  int   // before the last one, of scenarios that could be read
	Scenarios int   // that were chosen and are not there
	End       bool  // the end of the run is missing
}

// Any reports whether anything was lost.
func (l Lost) Any() bool { return l != Lost{} }

// String returns what was lost, in one line, or "".
func (l Lost) String() string {
	var parts []string
	add := func(n int, noun, rest string) {
		if n > 0 {
			parts = append(parts, words.Count(n, noun)+rest)
		}
	}
	add(l.Scenarios, "scenario", " of the plan did not finish or cannot be read")
	add(l.Attempts, "earlier attempt", " cannot be read")
	add(l.Hops, "hop", " cannot be read")
	add(l.Lines, "line", " cannot be read")
	if l.Bytes > 0 {
		parts = append(parts, fmt.Sprintf("the last line was cut off after %d bytes", l.Bytes))
	}
	if l.End {
		parts = append(parts, "the end of the run is missing")
	}
	return strings.Join(parts, ", ")
}
