package mutate

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"sync"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/report"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

// marker is the header with the name of the recorded hop that answered, in the run of the
// original.
const marker = "Flowtest-Mutate-Hop"

// A crossing has the parts of one recording that a scenario passes.
type crossing struct {
	hops  map[string]bool // names of the hops that it takes
	by    map[string]bool // names of the hops whose responses it gets
	files map[string]bool // files of the bodies that it reads
}

func (c crossing) has(h *recordings.Hop) bool      { return c.hops[h.Name] }
func (c crossing) answered(h *recordings.Hop) bool { return c.by[h.Name] }
func (c crossing) reads(file string) bool          { return c.files[file] }

// A trace is a scenario that passed, with its crossings by flow.
type trace struct {
	file    string
	name    string
	line    int
	lines   []int // the line of the scenario, and those of its steps
	crosses map[string]crossing
	visits  []*visit
}

func (t *trace) place() string { return placeOf(t.file, t.line) }

func placeOf(file string, line int) string { return file + ":" + strconv.Itoa(line) }

// follow runs the suite on the original and returns the traces of its scenarios.
func follow(ctx context.Context, base *runner.Suite) ([]*trace, error) {
	s := *base
	s.Recordings = nil
	for i, f := range base.Recordings {
		c := clone(f)
		for j, h := range c.Hops {
			if h.To == nil {
				if h.Response.Headers == nil {
					h.Response.Headers = map[string]string{}
				}
				h.Response.Headers[marker] = fmt.Sprintf("%d.%d", i, j)
			}
		}
		s.Recordings = append(s.Recordings, c)
	}
	s.Evidence = true // so that the hops of a scenario are known
	crossed, visits, of := map[string]map[string]crossing{}, map[string][]*visit{}, newNotes(base)
	var mu sync.Mutex // journeys are recorded while scenarios are reported
	s.Record = func(r runner.Recorded) {
		mu.Lock()
		defer mu.Unlock()
		place := placeOf(r.Scenario.File, r.Scenario.Line)
		if crossed[place] == nil {
			crossed[place] = map[string]crossing{}
		}
		visits[place] = append(visits[place], of.note(crossed[place], r.Hops)...)
	}
	var traces []*trace
	var red *RedError
	s.Reporter = &each{do: func(sc *report.Scenario) {
		mu.Lock()
		defer mu.Unlock()
		place := placeOf(sc.File, sc.Line)
		switch sc.Status {
		case report.Passed:
			placed(visits[place], sc)
			traces = append(traces, &trace{sc.File, sc.Name, sc.Line, lines(sc), crossed[place], visits[place]})
		case report.Skipped:
		default:
			if red != nil {
				red.More++
				return
			}
			red = &RedError{Scenario: place, Status: sc.Status}
		}
	}}
	if _, err := s.Run(ctx); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if red != nil {
		return nil, red
	}
	return traces, nil
}

// lines returns the line of a scenario and those of its steps.
func lines(sc *report.Scenario) []int {
	out := []int{sc.Line}
	for i := range sc.Steps {
		out = append(out, sc.Steps[i].Line)
	}
	return out
}

// notes find out which hops journeys take.
type notes struct {
	flows   []*recordings.Flow
	choices []map[*recordings.Hop][][]*recordings.Hop // those of each flow
	users   []map[string]string                       // the attributes of each user, and nil for no user
}

func newNotes(of *runner.Suite) *notes {
	n := &notes{flows: of.Recordings, users: append(slices.Collect(maps.Values(of.Target.Attributes())), nil)}
	for _, f := range of.Recordings {
		n.choices = append(n.choices, f.Choices())
	}
	return n
}

// note adds the crossings of a journey, and returns its visits.
func (n *notes) note(to map[string]crossing, hops []*flow.Hop) (visits []*visit) {
	var at *recordings.Hop
	for _, h := range hops {
		var i, j int
		if read, _ := fmt.Sscanf(h.Exchange.ResponseHeader.Get(marker), "%d.%d", &i, &j); read != 2 {
			continue
		}
		f, answer := n.flows[i], n.flows[i].Hops[j]
		c, ok := to[f.Name]
		if !ok {
			c = crossing{map[string]bool{}, map[string]bool{}, map[string]bool{}}
			to[f.Name] = c
		}
		v := &visit{
			number: h.Number, flow: f.Name,
			crosses: crossing{map[string]bool{}, map[string]bool{answer.Name: true}, map[string]bool{}},
		}
		visits = append(visits, v)
		if b := answer.Response.Body(h.Detailed); b != nil {
			v.crosses.files[b.File] = true
		}
		for _, way := range n.sent(h.Exchange, n.choices[i][at], ways(f, at, answer, h.Action)) {
			v.crosses.hops[way.Name] = true
		}
		maps.Copy(c.hops, v.crosses.hops)
		maps.Copy(c.by, v.crosses.by)
		maps.Copy(c.files, v.crosses.files)
		if screen := answer.Screen(); screen != nil {
			at = screen
		}
	}
	return visits
}

// ways returns the hops that lead from a screen to an answer with an action. Several may lead back to
// one screen.
func ways(f *recordings.Flow, at, answer *recordings.Hop, action string) (list []*recordings.Hop) {
	for _, way := range f.Hops {
		back := way.To == answer && slices.Contains(way.From, at) &&
			(action == "" || way.Request.Action == "" || way.Request.Action == action)
		direct := way == answer && (len(way.From) == 0 || slices.Contains(way.From, at) || at == nil)
		if back || direct {
			list = append(list, way)
		}
	}
	return list
}

// sent returns the hops whose request was sent, of several that lead to one screen. It returns all of
// them if no request matches.
func (n *notes) sent(x *davinci.Exchange, choices [][]*recordings.Hop, ways []*recordings.Hop) []*recordings.Hop {
	if len(ways) < 2 || len(x.Body) == 0 { //nolint:mnd // several
		return ways
	}
	sent := davinci.ReadSent(gjson.ParseBytes(x.Body))
	sent.Query = url.Values{}
	sent.ReadHeader(x.Header)
	for _, c := range choices {
		matches := slices.ContainsFunc(n.users, func(user map[string]string) bool {
			return c[0].Request.Matches(sent, func(name string) (string, bool) {
				value, ok := user[name]
				return value, ok
			})
		})
		if !matches {
			continue
		}
		other := func(way *recordings.Hop) bool { return !slices.Contains(c, way) }
		if taken := slices.DeleteFunc(slices.Clone(ways), other); len(taken) > 0 {
			return taken
		}
	}
	return ways
}
