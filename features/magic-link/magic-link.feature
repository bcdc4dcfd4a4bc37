@magic-link @detailed
Feature: Sign on with a link in a message
  The flow is built with what the SDKs cannot drive, and needs detailed responses: components
  that DaVinci's own widget draws, polling in a page, and a message.

  Background:
    Given the flow "magic-link"
    And detailed responses
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Magic Link Form"

  @smoke
  Scenario: Alice follows the link
    Then the page shows "Sign On Without a Password We will send you a link. Email"
    And the response matches the schema "../schemas/page.json"
    When I submit the form with:
      | email | ${user.email} |
    Then the flow pauses at "Check Your Email"
    And the page shows "Check Your Email We sent you a message with a link."
    And the response matches the schema "../schemas/page.json"
    When the screen polls until it moves on
    Then the flow pauses at "Confirmed"
    And the response matches the schema "../schemas/page.json"
    When I submit the form
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |
    And the response matches the schema "../schemas/completed.json"

  Scenario: The page has the components that the widget draws
    Then the page shows "We will send you a link."
    And the page has the inputs:
      | name  | type  | required | value |
      | email | email | true     |       |
    And the page has a button "SEND"

  Scenario: A message is left by its button
    When I submit the form with:
      | email | ${user.email} |
    And the screen polls
    Then the capability is "customHtmlMessage"
    And the page shows "Welcome Back"
    And the page shows "Your email address is confirmed."
    When I press "Continue"
    Then the flow completes

  Scenario: A link goes to another address
    When I submit the form with:
      | email | ${user.email} |
    Then the page has a button "BACK"
    When I press "Use another address"
    Then the flow pauses at "Magic Link Form"

  Scenario: Nobody has the address
    When I submit the form with:
      | email | nobody@example.com |
    Then the response status is 400
    And the flow reports "No account has this address"
    And the form offers "SEND"
    And the flow reports an error with code "No account has this address"
