Feature: shop
  Made of the export of the flow "Shop", and never recorded

  Background:
    Given the flow "shop"

  Scenario: Start → Shop Sign On
    When I start the flow
    Then the flow pauses at "Shop Sign On"

  Scenario: Shop Sign On – Sign On → Wrong username or password (wrong username)
    When I start the flow
    And I fill in:
      | key      | value          |
      | password | some password  |
      | username | wrong username |
    And I press "Sign On"
    Then the flow reports "Wrong username or password"

  Scenario: Shop Sign On – Sign On → Wrong username or password (wrong password)
    When I start the flow
    And I fill in:
      | key      | value            |
      | password | wrong password   |
      | username | ${user.username} |
    And I press "Sign On"
    Then the flow reports "Wrong username or password"

  Scenario: Shop Sign On – Sign On → Welcome
    When I start the flow
    And I fill in:
      | key      | value            |
      | password | ${user.password} |
      | username | ${user.username} |
    And I press "Sign On"
    Then the flow pauses at "Welcome"

  Scenario: Welcome – submit → completed
    When I start the flow
    And I fill in:
      | key      | value            |
      | password | ${user.password} |
      | username | ${user.username} |
    And I press "Sign On"
    And I submit the form
    Then the flow completes

  Scenario: Shop Sign On – No account? Register → Registration
    When I start the flow
    And I press "No account? Register"
    Then the flow pauses at "Registration"

  Scenario: Registration – Continue → This email is taken (wrong password)
    When I start the flow
    And I press "No account? Register"
    And I fill in:
      | key      | value          |
      | email    | some email     |
      | password | wrong password |
    And I press "Continue"
    Then the flow reports "This email is taken"

  Scenario: Registration – Back to sign on → Shop Sign On
    When I start the flow
    And I press "No account? Register"
    And I press "Back to sign on"
    Then the flow pauses at "Shop Sign On"

  Scenario: Shop Sign On – Having trouble? → Help
    When I start the flow
    And I press "Having trouble?"
    Then the flow pauses at "Help"

  Scenario: Help – Back → Shop Sign On
    When I start the flow
    And I press "Having trouble?"
    And I press "Back"
    Then the flow pauses at "Shop Sign On"

  Scenario: Registration – Continue → Enter Code
    When I start the flow
    And I press "No account? Register"
    And I fill in:
      | key      | value            |
      | email    | ${user.email}    |
      | password | ${user.password} |
    And I press "Continue"
    Then the flow pauses at "Enter Code"

  Scenario: Enter Code – Verify → Wrong code (wrong code)
    When I start the flow
    And I press "No account? Register"
    And I fill in:
      | key      | value            |
      | email    | ${user.email}    |
      | password | ${user.password} |
    And I press "Continue"
    And I fill in:
      | key  | value      |
      | code | wrong code |
    And I press "Verify"
    Then the flow reports "Wrong code"

  Scenario: Enter Code – Send again → Enter Code
    When I start the flow
    And I press "No account? Register"
    And I fill in:
      | key      | value            |
      | email    | ${user.email}    |
      | password | ${user.password} |
    And I press "Continue"
    And I press "Send again"
    Then the flow pauses at "Enter Code"

  Scenario: Enter Code – Verify → Preferences
    When I start the flow
    And I press "No account? Register"
    And I fill in:
      | key      | value            |
      | email    | ${user.email}    |
      | password | ${user.password} |
    And I press "Continue"
    And I fill in:
      | key  | value        |
      | code | ${user.code} |
    And I press "Verify"
    Then the flow pauses at "Preferences"

  Scenario: Preferences – Submit → completed
    When I start the flow
    And I press "No account? Register"
    And I fill in:
      | key      | value            |
      | email    | ${user.email}    |
      | password | ${user.password} |
    And I press "Continue"
    And I fill in:
      | key  | value        |
      | code | ${user.code} |
    And I press "Verify"
    And I fill in:
      | key   | value |
      | color | red   |
      | terms | true  |
    And I press "Submit"
    Then the flow completes

  Scenario: Preferences – Skip → completed
    When I start the flow
    And I press "No account? Register"
    And I fill in:
      | key      | value            |
      | email    | ${user.email}    |
      | password | ${user.password} |
    And I press "Continue"
    And I fill in:
      | key  | value        |
      | code | ${user.code} |
    And I press "Verify"
    And I press "Skip"
    Then the flow completes

  Scenario: Start while signed on → completed
    When I start the flow
    And I fill in:
      | key      | value            |
      | password | ${user.password} |
      | username | ${user.username} |
    And I press "Sign On"
    And I submit the form
    And I start the flow again
    Then the flow completes

  # TODO what is left
