package steps

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
)

func screens(v *vocabulary) {
	v.area = "The screen"
	v.Then(`^the flow pauses at "((?:[^"\\]|\\.)*)"$`, (*World).pausesAt,
		"The flow waits for a person at the form with that name.",
		`Then the flow pauses at "Sign On Form"`, FormName)
	v.Then(`^the capability is "([^"]*)"$`, (*World).capabilityIs,
		"The node that answered has that capability.",
		`Then the capability is "customHTMLTemplate"`, capability)
	v.Then(`^the form has the fields:$`, table(fieldColumns, (*World).hasFields),
		"The screen has these fields and buttons and no others, in this order; "+
			"any of the columns key, type, label, required.",
		"Then the form has the fields:\n  | key      | type          |\n  | username | TEXT          |\n"+
			"  | password | PASSWORD      |\n  | SIGNON   | SUBMIT_BUTTON |")
	v.Then(`^the form offers "((?:[^"\\]|\\.)*)"$`, (*World).offers,
		"The screen has a field or button with that key, or a button with that label.",
		`Then the form offers "REGISTER"`, OfferName)
	v.Then(`^the form does not offer "((?:[^"\\]|\\.)*)"$`, (*World).offersNot,
		"The screen has neither a field nor a button with that key, nor a button with that label.",
		`Then the form does not offer "RESEND"`, AbsentName)
}

// screen returns the screen at which the flow waits.
func (w *World) screen() (*flow.Hop, *davinci.Screen, error) {
	h, err := w.last()
	if err != nil {
		return nil, nil, err
	}
	s := w.Journey.Screen()
	if s == nil {
		return nil, nil, w.rejected(h, "%s, want a screen", happened(w.Journey, h))
	}
	return h, s, nil
}

func (w *World) pausesAt(form string) error {
	h, err := w.last()
	if err != nil {
		return err
	}
	if h.Outcome != davinci.Paused && h.Outcome != davinci.Rewound {
		return w.rejected(h, "%s, want it to pause at %q", happened(w.Journey, h), form)
	}
	if got := w.Journey.Screen().Name; got != form {
		return w.rejected(h, "the flow pauses at %q, want %q", got, form)
	}
	return nil
}

func (w *World) capabilityIs(name string) error {
	h, err := w.last()
	if err != nil {
		return err
	}
	if got := h.Get("capabilityName"); got.String() != name || !got.Exists() {
		return w.rejected(h, "the capability is %s, want %q", w.show(got), name)
	}
	return nil
}

func (w *World) offers(name string) error {
	h, s, err := w.screen()
	if err != nil {
		return err
	}
	if !has(s, name) {
		return w.rejected(h, "the form offers %s, want %q among it", strings.Join(offered(s), ", "), name)
	}
	return nil
}

func (w *World) offersNot(name string) error {
	h, s, err := w.screen()
	if err != nil {
		return err
	}
	if has(s, name) {
		return w.rejected(h, "the form offers %q, and should not", name)
	}
	return nil
}

func has(s *davinci.Screen, name string) bool { return s.Field(name) != nil || s.Offers(name) }

func offered(s *davinci.Screen) []string {
	var out []string
	for i := range s.Fields {
		if key := s.Fields[i].Key; key != "" {
			out = append(out, key)
		}
	}
	if len(out) == 0 {
		return []string{"nothing"}
	}
	return out
}

// cells writes a field as a table of fields has it.
func cells(f *davinci.Field) row {
	return row{
		"key": f.Key, "type": f.Type, "label": f.Label, "required": strconv.FormatBool(f.Required),
	}
}

func (w *World) hasFields(_ context.Context, rows []row) error {
	names := namesOf(fieldColumns)
	h, s, err := w.screen()
	if err != nil {
		return err
	}
	var differs []string
	for i := range max(len(rows), len(s.Fields)) {
		switch {
		case i >= len(s.Fields):
			differs = append(differs, fmt.Sprintf("row %d is missing: want %s", i+1, rowText(rows[i], names)))
		case i >= len(rows):
			found := rowText(cells(&s.Fields[i]), names)
			differs = append(differs, fmt.Sprintf("row %d is not wanted: found %s", i+1, found))
		default:
			differs = append(differs, rowDiffers(i+1, cells(&s.Fields[i]), rows[i], names)...)
		}
	}
	if len(differs) > 0 {
		return fmt.Errorf("the form has other fields than the table (%s):\n  %s",
			where(w.Journey, h), strings.Join(differs, "\n  "))
	}
	return nil
}

func rowDiffers(n int, got, want row, columns []string) []string {
	var out []string
	for _, c := range columns {
		if v, ok := want[c]; ok && v != got[c] {
			out = append(out, fmt.Sprintf("row %d: %s is %q, want %q", n, c, got[c], v))
		}
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
	return strings.Join(slices.Clip(parts), ", ")
}
