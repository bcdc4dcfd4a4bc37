package learn

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// A location is an exchange by its transcript, from 0, and its number in that, from 1.
type location struct{ transcript, number int }

// failures are the exchanges that were answered by an environment which failed for a moment,
// with a sentence for each.
type failures map[location]failure

type failure struct {
	text string
	only bool // what followed is the flow's again: the service never looked at this request
}

// A failureFinder distinguishes the answers of an environment that failed for a moment from
// those of the flow.
type failureFinder struct{ *merge }

// A journeyCutter ends journeys before what may be a secret.
type journeyCutter struct{ *learner }

// doubtful reports whether an answer may be the environment's and not the flow's: the service is
// down, overloaded or being maintained, or has lost the sign-on. No node of the flow names itself
// in it. If a flow always answers so, it is what the flow does.
//
// Source: how Ping's SDKs tell a dead service from a flow that refuses.
func doubtful(x *davinci.Exchange) bool {
	a := davinci.Reader{}.Read(x.Status, x.ResponseHeader, x.Response)
	switch {
	case isPage(x.Response):
		return true
	case a.Capability() != "":
		return false
	case x.Status >= http.StatusInternalServerError, x.Status == http.StatusTooManyRequests:
		return true
	default:
		return x.Status >= http.StatusBadRequest && a.Code() == davinci.CodeLost
	}
}

// withoutTransient learns, and if the environment failed for a moment, learns again without the
// answers of that time. The second result is the learner of the last time.
func withoutTransient(transcripts []davinci.Exchanges, o Options) (*Result, *learner, error) {
	skipped, held := failures{}, []string{}
	if o.Previous == nil && o.Known != nil && slices.ContainsFunc(transcripts, func(t davinci.Exchanges) bool {
		return slices.ContainsFunc(t, func(x davinci.Exchange) bool { return doubtful(&x) })
	}) {
		with := o
		with.Previous = o.Known
		_, l, err := without(transcripts, with, skipped, &held)
		if l.lost != nil {
			return nil, l, err
		}
	}
	return without(transcripts, o, skipped, &held)
}

// without learns without the exchanges in skipped, and adds to them those that it finds.
func without(transcripts []davinci.Exchanges, o Options, skipped failures, held *[]string) (*Result, *learner, error) {
	for {
		result, l, err := learnOnce(transcripts, o, skipped, *held)
		if len(l.transient) == 0 {
			return result, l, err
		}
		maps.Copy(skipped, l.transient)
		*held = append(*held, secretKeeper{l}.secretValues()...)
	}
}

// A cell is where journeys sent a request: the n-th time that a journey sent it at
// this screen.
type cell struct {
	at  *recordings.Hop
	key string
	n   int
}

// any is the cell of all that sent the request there, however often.
func (c cell) any() cell { return cell{at: c.at, key: c.key} }

// A try is a step at its cell.
type try struct {
	s  *step
	at cell
}

// attempted notes where a step was sent. Polls of the same state count as one request.
func (d failureFinder) attempted(at *recordings.Hop, s *step, n int) {
	d.tries = append(d.tries, try{s, cell{at, s.request.Key(), n}})
}

// weigh finds the doubtful answers to requests for which the flow has another answer. It reports
// false if there are any: then they have to be left out.
func (d failureFinder) weigh() bool {
	cells, ways := map[cell][]*step{}, map[string][]*step{}
	polls := map[cell][]*step{}
	for _, t := range d.tries {
		cells[t.at] = append(cells[t.at], t.s)
		polls[t.at.any()] = append(polls[t.at.any()], t.s)
	}
	for _, s := range d.l.steps {
		ways[s.history] = append(ways[s.history], s)
	}
	d.l.transient, d.l.lost = failures{}, nil
	for _, t := range d.tries {
		s := t.s
		if !s.doubt {
			continue
		}
		other := cmp.Or(s.otherwise(ways[s.history]), s.otherwise(cells[t.at]))
		if other == nil && s.polls() && !s.confirmed(ways[s.history]) {
			other = s.otherwise(polls[t.at.any()])
		}
		if other != nil {
			d.l.transient[s.location] = s.failure("at " + other.where() + " otherwise")
			continue
		}
		known := d.known(t)
		switch {
		case len(known) == 0 || d.sames(s, known):
			d.outvoted(s, cells[t.at])
		case slices.ContainsFunc(cells[t.at], func(o *step) bool { return d.sames(o, known) }):
			d.l.transient[s.location] = s.failure("elsewhere as the recording has it")
		default:
			d.l.lost = append(d.l.lost, fmt.Sprintf("%s was answered with status %d, and in the recording with %s",
				s.where(), s.x.Status, known[len(known)-1].Name))
		}
	}
	return len(d.l.transient) == 0
}

// failure says about a step that it is left out.
func (s *step) failure(otherwise string) failure {
	f := failure{only: s.x.Status == http.StatusTooManyRequests && !s.starts}
	rest := " and is left out"
	if !f.only {
		rest += " with what followed"
	}
	f.text = fmt.Sprintf("%s was answered with %s, %s: that was a failure of the environment that passed%s",
		s.where(), s.said(), otherwise, rest)
	return f
}

// said returns how a step was answered.
func (s *step) said() string {
	switch code := s.code; {
	case s.page:
		return fmt.Sprintf("a page and status %d", s.x.Status)
	case code == davinci.CodeLost:
		return fmt.Sprintf("status %d and code %s", s.x.Status, code)
	default:
		return fmt.Sprintf("status %d", s.x.Status)
	}
}

// otherwise returns a step of another journey among those that sent the same, to which the flow
// itself answered; nil if there is none.
func (s *step) otherwise(all []*step) *step {
	for _, o := range all {
		if o.j != s.j && !o.doubt && !s.particular(o, all) {
			return o
		}
	}
	return nil
}

// particular reports whether a value explains the difference between two answers: every journey
// that sent it got the same answer as this one, and more than one journey sent it.
func (s *step) particular(o *step, all []*step) bool {
	if s.starts || !s.free(o) {
		return false
	}
	return s.confirmed(slices.DeleteFunc(slices.Clone(all), func(a *step) bool { return s.free(a) }))
}

// free reports whether two requests have different values where any value matches.
func (s *step) free(o *step) bool {
	form := s.request.FormData()
	return slices.ContainsFunc(typedOtherwise(s, o), func(key string) bool { return form[key] == anything })
}

// confirmed reports whether another journey among those that sent the same was
// answered as this one, and none otherwise.
func (s *step) confirmed(all []*step) bool {
	n := 0
	for _, o := range all {
		if o.x.Status != s.x.Status || o.page != s.page {
			return false
		}
		n += number(o.j != s.j)
	}
	return n > 0
}

// known returns the hops of the recording before this one that answer a request.
func (d failureFinder) known(t try) []*recordings.Hop {
	var same, matching []*recordings.Hop
	for _, h := range d.leaving[t.at.at] {
		was := d.origin[h]
		switch {
		case was == nil:
		case h.Request.Key() == t.s.request.Key():
			same = append(same, was)
		case t.s.matches(h):
			matching = append(matching, was)
		}
	}
	switch {
	case len(same) == 0:
		return matching
	case t.s.polls():
		return same
	default: // the last answer repeats
		return same[min(t.at.n, len(same)-1):][:1]
	}
}

// identity is [identityOf] of the answer to a step, "" if a recording cannot hold it.
func (d failureFinder) identity(s *step) string {
	a, err := answerMerger(d).answer(s)
	if err != nil {
		return ""
	}
	return identityOf(a)
}

// sames reports whether a step has the same answer as one of the hops, except for
// details in the answer.
func (d failureFinder) sames(s *step, hops []*recordings.Hop) bool {
	mine := d.identity(s)
	return slices.ContainsFunc(hops, func(h *recordings.Hop) bool { return mine == identityOf(h.Answer()) })
}

// outvoted leaves out a doubtful answer if most other journeys got the same other answer:
// an error of the environment can hide one of the flow.
func (d failureFinder) outvoted(s *step, all []*step) {
	mine, count := d.identity(s), map[string]int{}
	for _, o := range all {
		count[d.identity(o)]++
	}
	for _, o := range all {
		if its := d.identity(o); mine != "" && its != "" && count[its] > count[mine] {
			d.l.transient[s.location] = s.failure("at " + o.where() + " otherwise")
			return
		}
	}
}

// learnKeeping learns, and if something would be refused as a secret, learns again without the
// exchanges that brought it. The known secrets stay known.
func learnKeeping(transcripts []davinci.Exchanges, o Options) (*Result, error) {
	var left []string
	var first *SecretError
	for {
		result, l, err := withoutTransient(transcripts, o)
		refused, isSecret := errors.AsType[*SecretError](err)
		switch {
		case err == nil:
			result.LeftOut = left
			if first != nil {
				result.LeftOutCandidates = first.Candidates
			}
			return result, nil
		case !isSecret && first != nil:
			return nil, first // nothing is left that could be kept
		case !isSecret || !o.Keep:
			return nil, err
		case first == nil:
			first = refused
		}
		rest, lines := journeyCutter{l}.without(transcripts, refused)
		if rest == nil {
			return nil, first
		}
		transcripts, left = rest, append(left, lines...)
		o.Secrets = slices.Concat(o.Secrets, secretKeeper{l}.secretValues())
	}
}

// without returns the transcripts without the exchanges that brought candidates and those
// that followed them, and a line for each journey about where it ends now. Nil means
// that these exchanges are unknown.
func (l journeyCutter) without(
	transcripts []davinci.Exchanges, refused *SecretError,
) (rest []davinci.Exchanges, lines []string) {
	ends := endsOf(refused)
	if ends == nil {
		return nil, nil
	}
	gone := map[location]bool{}
	for _, j := range l.journeys {
		end, ok := ends[j]
		if !ok {
			continue
		}
		for _, s := range j.steps {
			if s.number >= end.at.number {
				gone[s.location] = true
			}
		}
		lines = append(lines, fmt.Sprintf("%s and what followed: %s", end.at.where(), end.why.looks()))
	}
	for n, transcript := range transcripts {
		var kept davinci.Exchanges
		for i := range transcript {
			if !gone[location{n, i + 1}] {
				kept = append(kept, transcript[i])
			}
		}
		rest = append(rest, kept)
	}
	return rest, lines
}

// An end is where a journey has to end, and what it brought there.
type end struct {
	at  *step
	why *Candidate
}

// endsOf finds the first step of each journey that brought a candidate. It is nil if the origin of
// such a value is unknown.
func endsOf(refused *SecretError) map[*journey]end {
	ends := map[*journey]end{}
	for i := range refused.Candidates {
		candidate := &refused.Candidates[i]
		if len(candidate.steps) == 0 {
			return nil
		}
		for _, s := range candidate.steps {
			if e, ok := ends[s.j]; !ok || s.number < e.at.number {
				ends[s.j] = end{s, candidate}
			}
		}
	}
	return ends
}

// brought returns the steps that brought what is in a file of the recording: in
// recording.yaml what is below the name of a hop.
func (l journeyCutter) brought(file, text string, line int) []*step {
	if file == recordings.FileName {
		lines := strings.Split(text, "\n")
		for i := min(line, len(lines)) - 1; i >= 0; i-- {
			if name, ok := strings.CutPrefix(lines[i], "  - name: "); ok {
				return l.answeredAs(func(h *recordings.Hop) bool { return h.Name == strings.Trim(name, `"'`) })
			}
		}
		return nil
	}
	return l.answeredAs(func(h *recordings.Hop) bool {
		return slices.ContainsFunc(bodies(h), func(b *recordings.Body) bool {
			return b.File == file || strings.TrimSuffix(b.File, ".json")+".html" == file
		})
	})
}

// answeredAs returns the steps of the hops for which is holds, in their order.
func (l journeyCutter) answeredAs(is func(h *recordings.Hop) bool) []*step {
	var out []*step
	for _, s := range l.steps {
		if slices.ContainsFunc(l.merged[s], is) {
			out = append(out, s)
		}
	}
	return out
}
