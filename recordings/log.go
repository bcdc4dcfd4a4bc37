package recordings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"flowtest/steps/davinci"
)

// logFile holds the execution logs of a recording, beside its bodies.
const logFile = "execution-log.json"

// A Log is the part of the environment's execution log about one journey, without
// secrets.
type Log struct {
	// Way is the way of the journey, with an entry for each answer: see [Passed].
	Way []string `json:"way"`

	// Log has the events. Each has the number of the answer before which it happened.
	davinci.Log
}

// Passed describes an answer of a journey for [Log.Way]: the button that was pressed, "" for
// none, what it led to and the node that answered.
func Passed(action string, a *davinci.Answer) string {
	text := a.Outcome.String()
	if a.Outcome == davinci.Refused || a.Outcome == davinci.Failed {
		text = fmt.Sprintf("%s %d", text, a.Status)
	}
	if id := a.NodeID(); id != "" {
		text += " at node " + id
	}
	if action != "" {
		text = action + ": " + text
	}
	return text
}

// LogOf returns the log of a journey that took this way so far. The error says that the
// recording has no log of it, or two that differ.
func (f *Flow) LogOf(way []string) (*davinci.Log, error) {
	var found *davinci.Log
	for i := range f.Logs {
		l := &f.Logs[i]
		if len(l.Way) < len(way) || !slices.Equal(l.Way[:len(way)], way) {
			continue
		}
		now := l.until(len(way))
		if found != nil && !slices.EqualFunc(found.Nodes(), now.Nodes(), sameNode) {
			return nil, fmt.Errorf("the recording of %q has two execution logs of this way that differ (%s): what "+
				"makes the difference is not in the answers", f.Name, strings.Join(way, " → "))
		}
		if found == nil {
			found = now
		}
	}
	if found == nil {
		return nil, fmt.Errorf("the recording of %q has no execution log of this way: %s", f.Name,
			strings.Join(way, " → "))
	}
	return found, nil
}

func sameNode(a, b davinci.LoggedNode) bool {
	return a.Flow == b.Flow && a.Title == b.Title && a.Success == b.Success && a.Failed == b.Failed
}

// until returns what was logged before the answer with that number, and with it.
func (l *Log) until(answer int) *davinci.Log {
	out := l.Log
	if answer < len(l.Way) {
		later := func(e davinci.LoggedEvent) bool { return e.Hop > answer }
		out.Events = slices.DeleteFunc(slices.Clone(l.Events), later)
	}
	return &out
}

// logs reads the execution logs, of which a recording need not have any.
func (l *loading) logs() []Log {
	name := path.Join(l.dir, logFile)
	text, err := read(l.fsys, name, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	l.used[logFile] = true
	var logs []Log
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		err = d.Decode(&logs)
	}
	for i := range logs {
		for _, e := range logs[i].Events {
			if e.Flow < 0 || e.Flow >= len(logs[i].Flows) || e.Hop < 0 || e.Hop > len(logs[i].Way) {
				err = fmt.Errorf("log %d: an event of flow %d and hop %d, want a flow of the list from 0, and a hop "+
					"of the way from 1", i+1, e.Flow, e.Hop)
			}
		}
	}
	if err != nil {
		l.add(fmt.Errorf("%s:1: cannot be read: %w; flowtest record writes it, and a recording does without", name,
			err))
	}
	return logs
}

// encodeLogs writes execution logs so that people can review them: an event a line.
func encodeLogs(logs []Log) ([]byte, error) {
	var b bytes.Buffer
	for i := range logs {
		l := &logs[i]
		b.WriteString(map[bool]string{true: "[\n  {\n", false: ",\n  {\n"}[i == 0])
		err := errors.Join(lines(&b, "way", l.Way), lines(&b, "flows", l.Flows))
		if len(l.Gaps) > 0 {
			err = errors.Join(err, lines(&b, "gaps", l.Gaps))
		}
		if err := errors.Join(err, lines(&b, "events", l.Events)); err != nil {
			return nil, fmt.Errorf("recordings: %s: %w", logFile, err)
		}
		b.Truncate(b.Len() - len(",\n"))
		b.WriteString("\n  }")
	}
	b.WriteString("\n]\n")
	return b.Bytes(), nil
}

// lines writes a property that is a list, an element a line, and a comma after it.
func lines[T any](b *bytes.Buffer, name string, list []T) error {
	fmt.Fprintf(b, "    %q: [", name)
	for i := range list {
		b.WriteString(map[bool]string{true: "\n      ", false: ",\n      "}[i == 0])
		e := json.NewEncoder(b)
		e.SetEscapeHTML(false)
		if err := e.Encode(list[i]); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1) // the line break
	}
	b.WriteString(map[bool]string{true: "],\n", false: "\n    ],\n"}[len(list) == 0])
	return nil
}
