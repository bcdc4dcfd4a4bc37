@sign-on @detailed
Feature: Sign on with detailed responses
  Without the header X-Requested-With the service answers with the HTML of each
  screen. The same flow is driven through its pages.

  Background:
    Given the flow "sign-on"
    And detailed responses
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Sign On Form"

  @smoke
  Scenario: Alice signs on through the page
    Then the page shows "Use your example.com account."
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
    And the session cookies are set

  Scenario: The page has all that the form has
    Then the page has the inputs:
      | name     | type     | required | value |
      | username | text     | true     |       |
      | password | password | true     |       |
    And the form has the fields:
      | key      | type          | label                      |
      | username | TEXT          | Username                   |
      | password | PASSWORD      | Password                   |
      | SIGNON   | SUBMIT_BUTTON | Sign On                    |
      | REGISTER | FLOW_BUTTON   | No account? Register now!  |
      | TROUBLE  | FLOW_BUTTON   | Having trouble signing on? |
    And the page has a button "SIGNON"
    And the page has a button "REGISTER"
    And the page has a button "TROUBLE"
    And the page shows "Sign On Use your example.com account. Username Password Sign On No account? Register now! Having trouble signing on?"

  Scenario: A wrong password is refused, and the page stays as it was
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | not-the-password |
    Then the response status is 400
    And the flow reports "Invalid username and/or password"
    And the form offers "SIGNON"
    When I fill in "password" with "${user.password}"
    And I press "SIGNON"
    Then the flow completes

  Scenario: The way to registration and back
    When I press "REGISTER"
    Then the flow pauses at "Registration Form"
    And the page shows "Create Your Account Tell us who you are. Email Given Name Family Name Password Create Account Back to sign on"
    And the page has the inputs:
      | name             | type     | required | value |
      | user.email       | email    | true     |       |
      | user.name.given  | text     | true     |       |
      | user.name.family | text     | true     |       |
      | user.password    | password | true     |       |
    And the form has the fields:
      | key              | type          | label           |
      | user.email       | TEXT          | Email           |
      | user.name.given  | TEXT          | Given Name      |
      | user.name.family | TEXT          | Family Name     |
      | user.password    | PASSWORD      | Password        |
      | submit           | SUBMIT_BUTTON | Create Account  |
      | CANCEL           | FLOW_BUTTON   | Back to sign on |
    When I press "CANCEL"
    Then the flow pauses at "Sign On Form"
    And the page shows "Sign On"

  Scenario: The way to a password reset and back
    When I press "TROUBLE"
    Then the flow pauses at "Trouble Signing On Form"
    And the page shows "Having Trouble? What went wrong? I forgot my password Back to sign on"
    And the form has the fields:
      | key             | type        | label                |
      | FORGOT_PASSWORD | FLOW_BUTTON | I forgot my password |
      | CANCEL          | FLOW_BUTTON | Back to sign on      |
    When I press "I forgot my password"
    Then the flow pauses at "Reset Password Form"
    And the page shows "Reset Your Password We will send you a recovery code. Username or email Continue Back to sign on"
    And the page has the inputs:
      | name     | type | required | value |
      | username | text | true     |       |
    And the form has the fields:
      | key      | type          | label             |
      | username | TEXT          | Username or email |
      | CONTINUE | SUBMIT_BUTTON | Continue          |
      | CANCEL   | FLOW_BUTTON   | Back to sign on   |
    When I press "CANCEL"
    Then the flow pauses at "Sign On Form"
