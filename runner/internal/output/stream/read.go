package stream

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	messages "github.com/cucumber/messages/go/v34"

	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// streamFormat is the version of what flowtest adds to a stream of Cucumber
// Messages. A later one is not read.
const streamFormat = 2

// mostLine bounds a line of a stream; one that is longer counts as lost.
const mostLine = 64 << 20

// A wirePlan is the plan with the version of its form.
type wirePlan struct {
	Format int `json:"format"`
	report.Plan

	// Catalogue is how many of the attachments after the start of the run are the
	// requirements of the plan. Earlier versions wrote them before it.
	Catalogue int `json:"requirements,omitempty"`
}

// Read hands the run that a [Writer] wrote to a reporter again: the same plan, the same
// scenarios, the same end. A stream that breaks off is not an error: what is whole is read, the
// run counts as interrupted, and the answer says how much was lost. The error says that r is not
// a stream of flowtest, or is of a later form, or is the reader's.
func Read(r io.Reader, to report.Reporter) (*report.Run, Lost, error) {
	s, err := open(r)
	if err != nil {
		return nil, Lost{}, err
	}
	to.Begin(s.plan)
	run := &report.Run{Plan: s.plan}
	for {
		sc, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, s.lost, err
		}
		add(run, sc)
		to.Scenario(sc)
	}
	s.finish(run)
	to.End(run)
	return run, s.lost, nil
}

// add counts a scenario that was read.
func add(run *report.Run, s *report.Scenario) {
	run.Add(s)
	if s.Conformance != nil {
		if run.Conformance == nil {
			run.Conformance = &conformance.Matrix{}
		}
		run.Conformance.Add(s.Conformance)
	}
}

// A stream is one that is being read.
type reader struct {
	r       *bufio.Reader
	plan    report.Plan
	known   catalogue
	lists   map[int]metList
	sources map[string]string
	begun   bool
	follow  int              // requirements of the plan that are still to come
	held    []byte           // a line that was read too early
	hops    []report.Hop     // of the attempt that is being read
	earlier []report.Attempt // of its scenario
	end     *report.Run
	last    time.Time // the end of the latest scenario
	got     int
	lost    Lost
}

// open reads up to the first scenario.
func open(r io.Reader) (*reader, error) {
	s := &reader{}
	s.reset(r)
	found := false
	for {
		line, err := s.line()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if isKind(line, "testRunStarted") {
			if err := s.catalogue(); err != nil {
				return nil, err
			}
			break
		}
		a, err := s.light(line)
		if err != nil {
			return nil, err
		}
		if a != nil && a.MediaType == planType {
			found = true
		}
	}
	if !found {
		return nil, errors.New("report: not a run of flowtest: the stream has no plan, " +
			"want a messages.ndjson that flowtest wrote")
	}
	s.plan.Source = func(file string) string { return s.sources[file] }
	return s, nil
}

// catalogue reads the requirements of the plan, which are after the start of the run.
func (s *reader) catalogue() error {
	defer func() { s.begun = true }()
	for s.follow > 0 {
		line, err := s.line()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		before := s.follow
		if isKind(line, "attachment") && bytes.Contains(line, []byte(requirementType)) {
			if _, err := s.light(line); err != nil {
				return err
			}
		}
		if s.follow == before {
			s.held = bytes.Clone(line)
			return nil
		}
	}
	return nil
}

func (s *reader) reset(r io.Reader) {
	*s = reader{
		r: bufio.NewReaderSize(r, 64<<10), known: catalogue{},
		sources: map[string]string{}, lists: map[int]metList{},
	}
}

// line returns the next whole line, or io.EOF.
func (s *reader) line() ([]byte, error) {
	if line := s.held; line != nil {
		s.held = nil
		return line, nil
	}
	for {
		line, err := s.r.ReadSlice('\n')
		for errors.Is(err, bufio.ErrBufferFull) && len(line) < mostLine {
			line = append([]byte{}, line...)
			var more []byte
			more, err = s.r.ReadSlice('\n')
			line = append(line, more...)
		}
		switch {
		case errors.Is(err, io.EOF):
			s.lost.Bytes += int64(len(line))
			return nil, io.EOF
		case errors.Is(err, bufio.ErrBufferFull):
			s.lost.Lines++
			if err := s.skipLine(); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, fmt.Errorf("report: %w", err)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
	}
}

func (s *reader) skipLine() error {
	for {
		_, err := s.r.ReadSlice('\n')
		switch {
		case err == nil || errors.Is(err, io.EOF):
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("report: %w", err)
		}
	}
}

// isKind reports whether a line is a message of that kind, by its beginning.
func isKind(line []byte, kind string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(`{"`+kind))
	return ok && bytes.HasPrefix(rest, []byte(`":`))
}

// light reads a line that flowtest needs, and returns its attachment if it has one. The error
// says that the stream has an unknown format.
func (s *reader) light(line []byte) (*messages.Attachment, error) {
	wanted := isKind(line, "attachment") || isKind(line, "source") || isKind(line, "stepDefinition")
	if !wanted {
		if !json.Valid(line) {
			s.lost.Lines++
		}
		return nil, nil
	}
	var e envelope
	if !s.decode(line, &e) {
		return nil, nil
	}
	switch {
	case e.Source != nil:
		s.sources[e.Source.Uri] = e.Source.Data
	case e.StepDefinition != nil && e.StepDefinition.Pattern != nil:
		d := report.Definition{Pattern: e.StepDefinition.Pattern.Source}
		if ref := e.StepDefinition.SourceReference; ref != nil {
			d.File = ref.Uri
			if ref.Location != nil {
				d.Line = int(ref.Location.Line)
			}
		}
		s.plan.Definitions = append(s.plan.Definitions, d)
	case e.Attachment != nil:
		return e.Attachment, s.attachment(e.Attachment)
	}
	return nil, nil
}

// decode reads JSON, and counts what it cannot read.
func (s *reader) decode(text []byte, into any) bool {
	err := json.Unmarshal(text, into)
	if err != nil {
		s.lost.Lines++
	}
	return err == nil
}

// attachment reads an attachment that is not a scenario or a hop.
func (s *reader) attachment(a *messages.Attachment) error {
	body := []byte(a.Body)
	switch a.MediaType {
	case planType:
		var p wirePlan
		if !s.decode(body, &p) {
			return nil
		}
		if p.Format < 1 || p.Format > streamFormat {
			return fmt.Errorf("report: the stream has format %d, this flowtest reads 1 to %d: "+
				"use the flowtest that wrote it", p.Format, streamFormat)
		}
		p.Definitions, p.Requirements = s.plan.Definitions, s.plan.Requirements
		s.plan, s.follow = p.Plan, p.Catalogue
	case requirementType:
		var r wireRequirement
		if !s.decode(body, &r) {
			return nil
		}
		known := s.known.get(r.ID, r.Level, r.Sentence)
		if conformance.Lookup(r.ID) == nil {
			*known = *r.requirement()
		}
		if !s.begun {
			s.follow--
			s.plan.Requirements = append(s.plan.Requirements, known)
		}
	case passedType:
		var l wireList
		if s.decode(body, &l) {
			s.lists[l.As] = s.known.list(l.IDs)
		}
	case endType:
		var run report.Run
		if s.decode(body, &run) {
			s.end = &run
		}
	}
	return nil
}

// next returns the next scenario, or io.EOF.
func (s *reader) next() (*report.Scenario, error) {
	for {
		line, err := s.line()
		if err != nil {
			return nil, err
		}
		switch {
		case isKind(line, "testCase"):
			s.hops, s.earlier = nil, nil
		case isKind(line, "testCaseStarted"):
			s.hops = nil
		}
		a, err := s.light(line)
		if err != nil {
			return nil, err
		}
		if a == nil {
			continue
		}
		switch {
		case a.MediaType == hopType && strings.HasPrefix(a.Body, hopPrefix):
			h, err := readHop([]byte(a.Body), s.known, s.lists)
			if err != nil {
				s.lost.Lines++
				continue
			}
			s.hops = append(s.hops, h)
		case a.MediaType == attemptType:
			s.attempt([]byte(a.Body))
		case a.MediaType == scenarioType:
			if sc := s.scenario([]byte(a.Body)); sc != nil {
				return sc, nil
			}
		}
	}
}

// finish adds the end of a run, as far as it is known.
func (s *reader) finish(run *report.Run) {
	s.lost.Scenarios = max(0, s.plan.Scenarios-s.got)
	if s.end == nil {
		s.lost.End = true
		run.Interrupted = true
		if !s.last.IsZero() {
			run.Duration = max(0, s.last.Sub(s.plan.Began))
		}
		return
	}
	run.Duration, run.Missing, run.Notes, run.Failed = s.end.Duration, s.end.Missing, s.end.Notes, s.end.Failed
	run.Interrupted = s.end.Interrupted || s.lost.Scenarios > 0
}
