package learn

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// wholeVariable is a text that is a variable and nothing else.
var wholeVariable = regexp.MustCompile(`^\{\{([A-Za-z][A-Za-z0-9_.\-]*)\}\}$`)

// variableBefore returns the variable that stands at a place in the recording
// before this one, "" where none does: what was minted when it was made is minted
// still, though no second journey shows it now.
func (l *learner) variableBefore(at place) string {
	if l.before == nil {
		l.before = map[place]string{}
		if l.o.Previous != nil {
			l.readBefore()
		}
	}
	return l.before[at]
}

func (l *learner) readBefore() {
	for _, h := range l.o.Previous.Hops {
		if h.To != nil {
			continue
		}
		for _, detailed := range []bool{false, true} {
			body := h.Response.JSON
			if detailed {
				body = h.Response.Detailed
			}
			if body == nil || !gjson.ValidBytes(body.Text) {
				continue
			}
			top := gjson.ParseBytes(body.Text)
			node := nodeName(top.Get("id").String(), top, h.Response.Status)
			walk(top, func(path string, v gjson.Result) {
				if m := wholeVariable.FindStringSubmatch(v.Str); m != nil {
					l.before[place{node, detailed, path}] = m[1]
				}
			})
		}
	}
}

// nodeName tells the node that answered from others: by its id, unless that is
// minted, its capability and its status.
func nodeName(id string, top gjson.Result, status int) string {
	if uuidForm.MatchString(id) || strings.Contains(id, "{{") {
		id = "" // a node has a short id; an error of the platform has one of its own
	}
	return id + " " + top.Get("capabilityName").String() + " " + strconv.Itoa(status)
}
