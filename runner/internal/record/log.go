package record

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/learn"
	"flowtest/steps/davinci"
	"flowtest/steps/secret"
)

// logged returns the execution log of a journey, nil if there is none. Its events name the
// answers before which they happened.
func logged(j *runner.Recorded) *recordings.Log {
	if j.Log == nil || j.Cut || len(j.Hops) == 0 {
		return nil
	}
	way, answers := backend.Way(j.Hops)
	l := &recordings.Log{Way: way, Log: *j.Log}
	l.Flows, l.Events, l.Gaps = slices.Clone(l.Flows), slices.Clone(l.Events), slices.Clone(l.Gaps)
	l.Assign(answers)
	return l
}

// keepLogs adds execution logs to a recording: without ids and times, which differ in each run,
// without secrets, and with placeholders for values of the users and of the scenario. A log
// replaces an earlier one of the same way.
func (r *Recorder) keepLogs(result *learn.Result, logs []recordings.Log) {
	known := &secret.Redactor{}
	known.Add(result.Secrets...)
	k := &keeper{hide: known.Redact, names: r.placeholdersOf(), passkeys: map[string]bool{}}
	for i := range logs {
		k.clean(&logs[i])
	}
	// Scenarios of one way run in any order: which of them is kept does not depend on it.
	slices.SortStableFunc(logs, func(a, b recordings.Log) int {
		return cmp.Or(slices.Compare(a.Way, b.Way), strings.Compare(propertiesOf(&a), propertiesOf(&b)))
	})
	var kept []recordings.Log
	for i := range logs {
		l := &logs[i]
		for j := range result.Flow.Logs { // an unchanged log stays as it is, whatever times it has
			if old := &result.Flow.Logs[j]; saysTheSame(l, old) {
				l = old
			}
		}
		twice := slices.ContainsFunc(kept, func(other recordings.Log) bool {
			return slices.Equal(other.Way, l.Way) && slices.EqualFunc(other.Events, l.Events, sameEvent)
		})
		if !twice {
			kept = append(kept, *l)
		}
	}
	for _, old := range result.Flow.Logs {
		if !slices.ContainsFunc(kept, func(l recordings.Log) bool { return slices.Equal(l.Way, old.Way) }) {
			kept = append(kept, old)
		}
	}
	slices.SortStableFunc(kept, func(a, b recordings.Log) int { return slices.Compare(a.Way, b.Way) })
	result.Flow.Logs = kept
}

// placeholdersOf returns what replaces the values of the scenario and of the users.
func (r *Recorder) placeholdersOf() map[string]string {
	names := map[string]string{}
	for value, name := range r.Generated {
		names[value] = "${" + name + "}"
	}
	for _, users := range []map[string]map[string]string{r.Made, r.Target.Attributes()} {
		for _, user := range slices.Sorted(maps.Keys(users)) {
			for _, name := range slices.Backward(slices.Sorted(maps.Keys(users[user]))) {
				if value := users[user][name]; value != "" {
					names[value] = "${user." + name + "}"
				}
			}
		}
	}
	return names
}

// propertiesOf returns the properties of all events of a log.
func propertiesOf(l *recordings.Log) string {
	var b strings.Builder
	for i := range l.Events {
		b.Write(l.Events[i].Properties)
	}
	return b.String()
}

// saysTheSame reports whether two logs differ at most in how long something took.
func saysTheSame(a, b *recordings.Log) bool {
	return slices.Equal(a.Way, b.Way) && slices.Equal(a.Flows, b.Flows) && slices.Equal(a.Gaps, b.Gaps) &&
		slices.EqualFunc(a.Events, b.Events, func(x, y davinci.LoggedEvent) bool {
			x.Took, y.Took = nil, nil
			return reflect.DeepEqual(x, y)
		})
}

// sameEvent reports whether two events are equal except for how long they took.
func sameEvent(a, b davinci.LoggedEvent) bool {
	return a.Flow == b.Flow && a.Message == b.Message && a.Node == b.Node && a.Success == b.Success
}

// A keeper removes from a log what a recording does not hold.
type keeper struct {
	hide  func(string) string
	names map[string]string // the placeholders by the values that they replace

	passkeys map[string]bool // what clients sent for passkeys
}

func (k *keeper) clean(l *recordings.Log) {
	for i := range l.Flows {
		f := &l.Flows[i]
		f.ID, f.Interaction, f.Transaction = "", "", ""
	}
	for i := range l.Events {
		e := &l.Events[i]
		e.Time = time.Time{}
		e.Node = k.hide(e.Node)
		if len(e.Properties) > 0 {
			e.Properties = json.RawMessage(k.value(nil, gjson.ParseBytes(e.Properties)))
		}
	}
}

// value writes a value after out.
func (k *keeper) value(out []byte, v gjson.Result) []byte {
	if !v.IsObject() && !v.IsArray() {
		text := v.String()
		switch name := k.names[text]; {
		case name != "" && v.Type == gjson.String:
			text = name
		case k.passkeys[text]:
			text = secret.Redacted
		case v.Type == gjson.String:
			text = k.text(text)
		case v.Type != gjson.Number || k.hide(text) == text:
			return append(out, v.Raw...)
		default:
			text = secret.Redacted
		}
		return append(out, davinci.Quote(text)...)
	}
	ends := "[]"
	if v.IsObject() {
		ends = "{}"
		for _, value := range davinci.PasskeySecrets(v) {
			k.passkeys[value] = true
		}
	}
	out = append(out, ends[0])
	first := true
	v.ForEach(func(key, value gjson.Result) bool {
		if !first {
			out = append(out, ',')
		}
		first = false
		if v.IsObject() {
			out = append(append(out, davinci.Quote(k.text(key.Str))...), ':')
		}
		out = k.value(out, value)
		return true
	})
	return append(out, ends[1])
}

// text returns a text without secrets, or nothing of it where it looks like one.
func (k *keeper) text(text string) string {
	const whole = 8 // a shorter value may be a part of any word
	for _, value := range slices.Sorted(maps.Keys(k.names)) {
		if len(value) >= whole {
			text = strings.ReplaceAll(text, value, k.names[value])
		}
	}
	text = k.hide(text)
	if learn.SecretKind(placeholders.Replace(text)) != "" {
		return secret.Redacted
	}
	return text
}

// placeholders are not secrets.
var placeholders = strings.NewReplacer("${", " ", "}", " ")
