package steps

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

func fieldsOf(v *vocabulary) {
	v.area = "The fields of the screen"
	v.Then(`^the form has the fields:$`, hasFields,
		"The screen has these fields and buttons and no others, in this order; "+
			"any of the columns key, type, label, required.",
		"Then the form has the fields:\n  | key      | type          |\n  | username | TEXT          |\n"+
			"  | password | PASSWORD      |\n  | SIGNON   | SUBMIT_BUTTON |", fieldColumns)
	v.Then(`^the field "((?:[^"\\]|\\.)*)" is required$`, isRequired,
		"A person has to fill in the field.",
		`Then the field "user.email" is required`, FieldKey)
	v.Then(`^the field "((?:[^"\\]|\\.)*)" is optional$`, isOptional,
		"A person may leave out the field.",
		`Then the field "contact.topics" is optional`, FieldKey)
	v.Then(`^the field "((?:[^"\\]|\\.)*)" has the label "((?:[^"\\]|\\.)*)"$`, hasLabel,
		"The field or button has this label, as a person reads it.",
		`Then the field "username" has the label "Username"`, RowKey, LabelText)
	v.Then(`^the field "((?:[^"\\]|\\.)*)" has the value ("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)$`, hasValue,
		"The field has this value when the screen appears.",
		`Then the field "user.preferredLanguage" has the value "en"`, FieldKey, jsonValue)
	v.Then(`^every field comes empty$`, allEmpty,
		"No field has a value, and no box is checked, when the screen appears. Values filled in since do not count.",
		`Then every field comes empty`)
	v.Then(`^the field "((?:[^"\\]|\\.)*)" has the options:$`, hasOptions,
		"The field has these options and no others, in this order, by their values or labels.",
		"Then the field \"contact.channel\" has the options:\n  | value | label    |\n  | email | By email |\n"+
			"  | phone | By phone |", FieldKey, optionColumns)
}

// typeKnown says that a type of fields is misspelt. One that is like none may be newer than flowtest.
func typeKnown(name string) error {
	near := words.Nearest(name, davinci.FieldTypes())
	const typo = 2 // slips: with more of them ICON_BUTTON, which clients press too, would be FLOW_BUTTON
	if slips, _ := words.Slips(name, near); near == "" || slips > typo || slices.Contains(davinci.FieldTypes(), name) {
		return nil
	}
	return fmt.Errorf("the type %q is unknown; did you mean %q?", name, near)
}

// field returns the field or button of the screen that has the key.
func field(w *World, key string) (*davinci.Field, error) {
	s, err := screen(w)
	if err != nil {
		return nil, err
	}
	f := s.Field(key)
	if f == nil {
		if b, same := s.Button(key); b != nil && len(same) == 0 {
			f = b
		}
	}
	if f == nil {
		return nil, rejected(w, "the form has no field %q, it offers %s", key, strings.Join(offered(s), ", "))
	}
	return f, nil
}

func isRequired(w *World, key string) error { return required(w, key, true, "required", "optional") }

func isOptional(w *World, key string) error { return required(w, key, false, "optional", "required") }

func required(w *World, key string, want bool, wanted, found string) error {
	f, err := field(w, key)
	if err != nil {
		return err
	}
	if f.Required != want {
		return rejected(w, "the field %q is %s, want it %s", key, found, wanted)
	}
	return nil
}

func hasLabel(w *World, key, want string) error {
	f, err := field(w, key)
	if err != nil {
		return err
	}
	if got := f.Label; davinci.Read(got) != davinci.Read(want) {
		return rejected(w, "the field %q has the label %q, want %q%s", key, got, want, difference(w, got, want))
	}
	return nil
}

func hasValue(w *World, key, literal string) error {
	f, err := field(w, key)
	if err != nil {
		return err
	}
	want := gjson.Parse(literal)
	switch {
	case !f.Default.Exists():
		return rejected(w, "the field %q has no value, want %s", key, show(w, want))
	case !same(f.Default, want):
		return rejected(w, "the field %q has the value %s, want %s%s",
			key, show(w, f.Default), show(w, want), difference(w, f.Default.Str, want.Str))
	}
	return nil
}

func allEmpty(w *World) error {
	s, err := screen(w)
	if err != nil {
		return err
	}
	var filled []string
	for i := range s.Fields {
		f := &s.Fields[i]
		switch v := f.Default; {
		case !v.Exists(), v.Type == gjson.Null, v.Type == gjson.False, v.Type == gjson.String && v.Str == "":
		case v.IsArray() && len(v.Array()) == 0, v.IsObject() && len(v.Map()) == 0:
		default:
			filled = append(filled, fmt.Sprintf("the field %q has the value %s", f.Key, show(w, v.Get("@ugly"))))
		}
	}
	if len(filled) > 0 {
		return rejected(w, "%s, want every field empty", words.And(filled))
	}
	return nil
}

func hasOptions(w *World, key string, rows []row) error {
	f, err := field(w, key)
	if err != nil {
		return err
	}
	var found []row
	for _, o := range f.Options() {
		found = append(found, row{"value": o.Value, "label": o.Label})
	}
	if len(found) == 0 {
		return rejected(w, "the field %q has no options", key)
	}
	if differs := aligned(found, rows, namesOf(optionColumns)); len(differs) > 0 {
		return fmt.Errorf("the field %q has other options than the table (%s):\n  %s",
			key, where(w), strings.Join(differs, "\n  "))
	}
	return nil
}

// cells writes a field as a table of fields has it.
func cells(f *davinci.Field) row {
	return row{
		"key": f.Key, "type": f.Type, "label": f.Label, "required": strconv.FormatBool(f.Required),
	}
}

func hasFields(w *World, rows []row) error {
	s, err := screen(w)
	if err != nil {
		return err
	}
	found := make([]row, len(s.Fields))
	for i := range s.Fields {
		found[i] = cells(&s.Fields[i])
	}
	if differs := aligned(found, rows, namesOf(fieldColumns)); len(differs) > 0 {
		return fmt.Errorf("the form has other fields than the table (%s):\n  %s",
			where(w), strings.Join(differs, "\n  "))
	}
	return nil
}

// paired returns the index in found of each wanted row, -1 for none. Keys need not be
// unique: a row is found once.
func paired(found, wanted []row, by string) []int {
	of := make([]int, len(wanted))
	used := make([]bool, len(found))
	for i, want := range wanted {
		of[i] = -1
		for k, r := range found {
			if !used[k] && sameCell(by, r[by], want[by]) {
				of[i], used[k] = k, true
				break
			}
		}
	}
	return of
}

// aligned says how the rows that were found differ from those that are wanted. Rows
// belong together by the first column that the table has, whatever their order.
func aligned(found, wanted []row, columns []string) []string {
	by := columns[slices.IndexFunc(columns, func(c string) bool { _, ok := wanted[0][c]; return ok })]
	of := paired(found, wanted, by)
	var out []string
	stays := inOrder(of)
	for i, want := range wanted {
		name := fmt.Sprintf("%s %q", by, want[by])
		if of[i] < 0 {
			out = append(out, fmt.Sprintf("missing: %s%s", rowText(want, columns), meant(found, want[by], by)))
			continue
		}
		if !stays[i] {
			out = append(out, fmt.Sprintf("moved: %s is at place %d, want it %s", name, of[i]+1,
				neighbor(wanted, of, i, by)))
		}
		for _, c := range columns {
			if v, ok := want[c]; ok && !sameCell(c, found[of[i]][c], v) {
				out = append(out, fmt.Sprintf("%s: its %s is %q, want %q", name, c, found[of[i]][c], v))
			}
		}
	}
	for i, got := range found {
		if !slices.Contains(of, i) {
			out = append(out, "not wanted: "+rowText(got, columns))
		}
	}
	return out
}

// neighbor says where a row is wanted: after the one before it that was found too. Its
// place says little by itself, where others are missing.
func neighbor(wanted []row, of []int, i int, by string) string {
	for k := i - 1; k >= 0; k-- {
		if of[k] >= 0 {
			return fmt.Sprintf("after %s %q", by, wanted[k][by])
		}
	}
	return "before the others"
}

// meant asks for the row that a person is likely to have meant.
func meant(found []row, name, by string) string {
	var names []string
	for _, r := range found {
		if sameCell(by, r[by], name) { // it has found another row
			return ""
		}
		names = append(names, r[by])
	}
	return words.DidYouMean("; ", name, names)
}

// sameCell compares labels as a person reads them, and anything else as it is.
func sameCell(column, a, b string) bool {
	return a == b || column == "label" && davinci.Read(a) == davinci.Read(b)
}

// inOrder reports which of the indexes, -1 aside, are among the most that follow each
// other in their order: the others have moved.
func inOrder(of []int) []bool {
	length, before := make([]int, len(of)), make([]int, len(of))
	last := -1
	for i := range of {
		if before[i] = -1; of[i] < 0 {
			continue
		}
		length[i] = 1
		for k := range i {
			if of[k] >= 0 && of[k] < of[i] && length[k] >= length[i] {
				length[i], before[i] = length[k]+1, k
			}
		}
		if last < 0 || length[i] > length[last] {
			last = i
		}
	}
	out := make([]bool, len(of))
	for ; last >= 0; last = before[last] {
		out[last] = true
	}
	return out
}

func rowText(r row, columns []string) string {
	var parts []string
	for _, c := range columns {
		if v, ok := r[c]; ok && v != "" && (c != "required" || v != "false") {
			parts = append(parts, fmt.Sprintf("%s %q", c, v))
		}
	}
	return strings.Join(parts, ", ")
}
