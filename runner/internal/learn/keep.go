package learn

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// learnKeeping learns, and where something would be refused as a secret once more
// without the exchanges that brought it. What was known to be secret stays so.
func learnKeeping(takes []davinci.Exchanges, o Options) (*Result, error) {
	var left []string
	var first *SecretError
	for {
		result, l, err := steady(takes, o)
		refused, isSecret := errors.AsType[*SecretError](err)
		switch {
		case err == nil:
			result.LeftOut = left
			if first != nil {
				result.LeftOutAt = first.Suspects
			}
			return result, nil
		case !isSecret && first != nil:
			return nil, first // nothing is left that could be kept
		case !isSecret || !o.Keep:
			return nil, err
		case first == nil:
			first = refused
		}
		rest, lines := l.without(takes, refused)
		if rest == nil {
			return nil, first
		}
		takes, left = rest, append(left, lines...)
		o.Secrets = slices.Concat(o.Secrets, l.secretValues())
	}
}

// without returns the takes without the exchanges that brought suspects and those
// that followed them, and says of each journey where it ends now. Nil means that
// nobody knows which exchanges these are.
func (l *learner) without(takes []davinci.Exchanges, refused *SecretError) (rest []davinci.Exchanges, lines []string) {
	ends := endsOf(refused)
	if ends == nil {
		return nil, nil
	}
	gone := map[[2]int]bool{}
	for _, j := range l.journeys {
		end, ok := ends[j]
		if !ok {
			continue
		}
		for _, s := range j.steps {
			if s.number >= end.at.number {
				gone[[2]int{s.take, s.number}] = true
			}
		}
		lines = append(lines, fmt.Sprintf("%s and what followed: %s", end.at.where(), end.why.looks()))
	}
	for n, take := range takes {
		var kept davinci.Exchanges
		for i := range take {
			if !gone[[2]int{n, i + 1}] {
				kept = append(kept, take[i])
			}
		}
		rest = append(rest, kept)
	}
	return rest, lines
}

// An end is where a journey has to end, and what it brought there.
type end struct {
	at  *step
	why *Suspect
}

// endsOf finds the first step of each journey that brought a suspect. It is nil where
// nobody knows of one where it is from.
func endsOf(refused *SecretError) map[*journey]end {
	ends := map[*journey]end{}
	for i := range refused.Suspects {
		suspect := &refused.Suspects[i]
		if len(suspect.steps) == 0 {
			return nil
		}
		for _, s := range suspect.steps {
			if e, ok := ends[s.j]; !ok || s.number < e.at.number {
				ends[s.j] = end{s, suspect}
			}
		}
	}
	return ends
}

// brought returns the steps that brought what stands in a file of the recording: in
// recording.yaml what stands below the name of a hop.
func (l *learner) brought(file, text string, line int) []*step {
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
func (l *learner) answeredAs(is func(h *recordings.Hop) bool) []*step {
	var out []*step
	for _, s := range l.steps {
		if slices.ContainsFunc(l.drawn[s], is) {
			out = append(out, s)
		}
	}
	return out
}
