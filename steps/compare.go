package steps

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

func comparisons(v *vocabulary) {
	v.area = "Comparisons of properties"
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" is ("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$`,
		is,
		"The value at a gjson path is this JSON string, number, true, false or null. "+
			"With \"all of\", here and below, each element of the array at the path is.",
		`Then "form.category" is "CUSTOM_HTML"`, elements, ResponsePath, jsonValue)
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" is not ("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)$`, isNot,
		"There is a value at a gjson path, and it is a different one.",
		`Then "form.category" is not "CUSTOM_FORM"`, elements, ResponsePath, jsonValue)
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" is an? (string|number|boolean|object|array)$`, isKind,
		"The value at a gjson path is of this JSON kind.",
		`Then "form.components.fields" is an array`, elements, ResponsePath, jsonKind)
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" matches "((?:[^"\\]|\\.)*)"$`, matches,
		"The text at a gjson path matches a regular expression; ^ and $ are its beginning and end.",
		`Then "id" matches "^[a-z0-9]{10}$"`, elements, ResponsePath, pattern)
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" contains "((?:[^"\\]|\\.)*)"$`, contains,
		"The text at a gjson path contains this text, or the array there has this element.",
		`Then "form.name" contains "Sign On"`, elements, ResponsePath, text)
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" does not contain "((?:[^"\\]|\\.)*)"$`, containsNot,
		"There is a text at a gjson path without this text, or an array without this element.",
		`Then "form.components.fields.#.type" does not contain "QR_CODE"`, elements, ResponsePath, text)
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" starts with "((?:[^"\\]|\\.)*)"$`, startsWith,
		"The text at a gjson path begins with this one.",
		`Then "_links.next.href" starts with "https://"`, elements, ResponsePath, text)
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" ends with "((?:[^"\\]|\\.)*)"$`, endsWith,
		"The text at a gjson path ends with this one.",
		`Then "_links.next.href" ends with "customHTMLTemplate"`, elements, ResponsePath, text)
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" is at least (-?\d+(?:\.\d+)?)$`, atLeast,
		"The number at a gjson path, or in the text there, is this one or a larger one.",
		`Then "form.components.fields.#" is at least 2`, elements, ResponsePath, number)
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" is at most (-?\d+(?:\.\d+)?)$`, atMost,
		"The number at a gjson path, or in the text there, is this one or a smaller one.",
		`Then "form.components.fields.#" is at most 8`, elements, ResponsePath, number)
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" has (\d+) items?$`, hasItems,
		"The array at a gjson path has as many elements.",
		`Then "form.components.fields" has 5 items`, elements, ResponsePath, number)
	v.Then(`^(all of )?"((?:[^"\\]|\\.)*)" is one of:$`, isOneOf,
		"The value at a gjson path is one of these. A value that is not JSON is text.",
		"Then \"form.category\" is one of:\n  | value       |\n  | CUSTOM_HTML |\n  | CUSTOM_FORM |",
		elements, ResponsePath, valueColumns)
}

// each checks the value at a path against a check, or where a sentence says "all of" each element
// of the array there. The check is given what to call the value.
func each(w *World, all, p string, check func(name string, r gjson.Result) error) error {
	r, err := found(w, p)
	if err != nil {
		return err
	}
	if all == "" {
		return check(strconv.Quote(p), r)
	}
	list := r.Array()
	switch {
	case !r.IsArray():
		return rejected(w, "%q is of kind %s (%s), want an array", p, davinci.KindOf(r), show(w, r))
	case len(list) == 0:
		return rejected(w, "%q is an array without elements, so nothing holds for all of them", p)
	}
	for i, element := range list {
		if err := check(fmt.Sprintf("element %d of %q", i+1, p), element); err != nil {
			return err
		}
	}
	return nil
}

// is compares the value at a path with a JSON literal, by kind and value.
func is(w *World, all, p, literal string) error {
	want := gjson.Parse(literal)
	return each(w, all, p, func(name string, got gjson.Result) error {
		if same(got, want) {
			return nil
		}
		hint := difference(w, got.Str, want.Str)
		if davinci.KindOf(got) != davinci.KindOf(want) && got.String() == want.String() {
			hint = fmt.Sprintf(": it is a %s, want a %s", davinci.KindOf(got), davinci.KindOf(want))
		}
		return rejected(w, "%s is %s, want %s%s", name, show(w, got), show(w, want), hint)
	})
}

// difference says where two long texts differ first, "" if a reader sees it: secrets are taken
// out before, since a part of one would not be found.
func difference(w *World, got, want string) string {
	const long, around = 40, 12 // characters
	if utf8.RuneCountInString(got) < long || utf8.RuneCountInString(want) < long {
		return ""
	}
	a, b := []rune(w.redactor.Redact(got)), []rune(w.redactor.Redact(want))
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	part := func(r []rune) string {
		from, to := max(0, at-around), min(len(r), at+around)
		text := string(r[min(from, to):to])
		if from > 0 {
			text = "…" + text
		}
		if to < len(r) {
			text += "…"
		}
		return text
	}
	if at == len(a) && at == len(b) { // secrets that differ
		return ""
	}
	return fmt.Sprintf(": they differ from character %d on, found %q, want %q", at+1, part(a), part(b))
}

func isNot(w *World, all, p, literal string) error {
	want := gjson.Parse(literal)
	return each(w, all, p, func(name string, got gjson.Result) error {
		if same(got, want) {
			return rejected(w, "%s is %s, want another value", name, show(w, got))
		}
		return nil
	})
}

func isOneOf(w *World, all, p string, rows []row) error {
	return each(w, all, p, func(name string, got gjson.Result) error {
		wanted := make([]string, 0, len(rows))
		for _, r := range rows {
			want := gjson.Parse(r["value"])
			if same(got, want) {
				return nil
			}
			wanted = append(wanted, show(w, want))
		}
		return rejected(w, "%s is %s, want one of %s", name, show(w, got), words.List(wanted, 0))
	})
}

func isKind(w *World, all, p, want string) error {
	return each(w, all, p, func(name string, got gjson.Result) error {
		if davinci.KindOf(got) != want {
			return rejected(w, "%s is of kind %s (%s), want %s", name, davinci.KindOf(got), show(w, got), want)
		}
		return nil
	})
}

func matches(w *World, all, p, expr string) error {
	re, err := regexp.Compile(expr)
	if err != nil {
		return err
	}
	return each(w, all, p, func(name string, got gjson.Result) error {
		if !re.MatchString(got.String()) {
			return rejected(w, "%s is %s, want it to match %q", name, show(w, got), expr)
		}
		return nil
	})
}

// holds reports whether a text has a part, or an array an element, and says how an
// error calls it. It continues the name of a value in which no text can be.
func holds(w *World, p string, got gjson.Result, part string) (has bool, what, wrong string) {
	switch {
	case got.IsArray() && slices.ContainsFunc(got.Array(), gjson.Result.IsObject):
		return false, "", fmt.Sprintf("is an array of objects, want one of values: name one of each object, as in %q",
			p+".#.key")
	case got.IsArray():
		has = slices.ContainsFunc(got.Array(), func(r gjson.Result) bool { return r.String() == part })
		return has, "an element", ""
	case got.Type == gjson.String:
		return strings.Contains(got.Str, part), "a part", ""
	default:
		return false, "", fmt.Sprintf("is of kind %s (%s), want a string or an array", davinci.KindOf(got),
			show(w, got))
	}
}

func contains(w *World, all, p, part string) error {
	return each(w, all, p, func(name string, got gjson.Result) error {
		has, what, wrong := holds(w, p, got, part)
		switch {
		case wrong != "":
			return rejected(w, "%s %s", name, wrong)
		case !has:
			return rejected(w, "%s is %s, want %s %q in it", name, show(w, got), what, part)
		}
		return nil
	})
}

func containsNot(w *World, all, p, part string) error {
	return each(w, all, p, func(name string, got gjson.Result) error {
		has, what, wrong := holds(w, p, got, part)
		switch {
		case wrong != "":
			return rejected(w, "%s %s", name, wrong)
		case has:
			return rejected(w, "%s is %s and has %s %q, and should not", name, show(w, got), what, part)
		}
		return nil
	})
}

func startsWith(w *World, all, p, part string) error {
	return affix(w, all, p, part, "begin", strings.HasPrefix)
}

func endsWith(w *World, all, p, part string) error {
	return affix(w, all, p, part, "end", strings.HasSuffix)
}

func affix(w *World, all, p, part, verb string, has func(text, part string) bool) error {
	return each(w, all, p, func(name string, got gjson.Result) error {
		switch {
		case got.Type != gjson.String:
			return rejected(w, "%s is of kind %s (%s), want a string", name, davinci.KindOf(got), show(w, got))
		case !has(got.Str, part):
			return rejected(w, "%s is %s, want it to %s with %q", name, show(w, got), verb, part)
		}
		return nil
	})
}

func atLeast(w *World, all, p, bound string) error {
	return bounded(w, all, p, "at least "+bound, func(got float64) bool { return got >= number64(bound) })
}

func atMost(w *World, all, p, bound string) error {
	return bounded(w, all, p, "at most "+bound, func(got float64) bool { return got <= number64(bound) })
}

// number64 reads what the expression of a sentence has let through as a number.
func number64(digits string) float64 {
	n, _ := strconv.ParseFloat(digits, 64)
	return n
}

func bounded(w *World, all, p, want string, fits func(float64) bool) error {
	return each(w, all, p, func(name string, got gjson.Result) error {
		n, err := strconv.ParseFloat(got.String(), 64)
		switch {
		case err != nil || got.Type != gjson.Number && got.Type != gjson.String:
			return rejected(w, "%s is %s, want a number of %s", name, show(w, got), want)
		case !fits(n):
			return rejected(w, "%s is %s, want %s", name, show(w, got), want)
		}
		return nil
	})
}

func hasItems(w *World, all, p, count string) error {
	return each(w, all, p, func(name string, got gjson.Result) error {
		switch n := len(got.Array()); {
		case !got.IsArray():
			return rejected(w, "%s is of kind %s (%s), want an array", name, davinci.KindOf(got), show(w, got))
		case strconv.Itoa(n) != count:
			return rejected(w, "%s has %s, want %s", name, words.Count(n, "item"), count)
		}
		return nil
	})
}
