package runner

import (
	"fmt"
	"strconv"

	"flowtest/steps/flow"
	"flowtest/steps/words"
)

// A fill is a field that a step filled in, and whose value nothing has sent.
type fill struct {
	flow.Unsent

	line    int // of the step
	journey *flow.Journey
}

// unsent are the fills of a scenario, in their order.
type unsent []fill

// follow takes in what is not sent when a step has ended. What was filled in on a
// journey before this one never will be.
func (u *unsent) follow(j *flow.Journey, line int) {
	now := j.Unsent()
	if len(now) == 0 && len(*u) == 0 {
		return
	}
	var out unsent
	for _, f := range *u {
		if f.journey != j {
			f.Lost = true
			out = append(out, f)
		}
	}
	for _, n := range now {
		f := fill{n, line, j}
		for i, before := range *u {
			if before.journey == j && before.Key == n.Key && (n.Lost || !before.Lost) {
				f.line = before.line
				*u = append((*u)[:i:i], (*u)[i+1:]...)
				break
			}
		}
		out = append(out, f)
	}
	*u = out
}

// never says about a scenario that has ended what it never sent, "" if that is nothing.
func (u unsent) never() string {
	list := make([]string, len(u))
	for i, f := range u {
		list[i] = fmt.Sprintf("%q (line %d)", f.Key, f.line)
	}
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0] + " was filled in and never sent: no press or submit follows that sends it"
	default:
		return words.And(list) + " were filled in and never sent: no press or submit follows that sends them"
	}
}

// yet says, as further lines for the error of a Then, what was filled in and is
// not sent: the answer at which the Then looked came before it.
func (u unsent) yet() string {
	var waits, lost []string
	for _, f := range u {
		if f.Lost {
			lost = append(lost, strconv.Quote(f.Key))
		} else {
			waits = append(waits, strconv.Quote(f.Key))
		}
	}
	text := ""
	switch len(waits) {
	case 0:
	case 1:
		text = "\n" + waits[0] + " was filled in and is not sent yet: press a button first"
	default:
		text = "\n" + words.And(waits) + " were filled in and are not sent yet: press a button first"
	}
	if len(lost) > 0 {
		text += "\nthe flow continued without what was filled in at " + words.And(lost) +
			": press a button before it does"
	}
	return text
}
