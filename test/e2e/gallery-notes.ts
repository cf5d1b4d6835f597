/** What was changed after looking at the pictures of each state, or why it was left as it is. */
export const GALLERY_NOTES = {
  '101-captures-first-start':
    'The command for a terminal broke within “--workspace”; a line of it now ends only between its words.',
  '102-captures-drop-overlay':
    'Left as it is: the whole window takes the files, its edge says so, and the sentence stands out in both themes.',
  '103-captures-path-dialog':
    'Left as it is: the field has the focus, its example is dimmer than what is typed, and the hint stands below it.',
  '104-captures-path-dialog-refused':
    'Left as it is: the reason takes the place of the hint, names what was typed, and says what an absolute path is.',
  '105-logs-nothing-imported': 'Left as it is: it says where entries come from, and the button leads there.',
  '106-logs-engine-starting':
    'Left as it is: what cannot be done yet looks so, and the page does not jump when the engine is there.',
  '107-captures-engine-starting':
    'Left as it is: files can be chosen before the engine is there, and nothing else moves.',
  '108-import-running-and-waiting':
    'The time of the first packet had nine digits of a second, which broke its line; a summary now ends with the second.',
  '109-import-facts-before':
    'The clock of an interface was written 10^-9 s, and is 1 ns now; the summary above the facts fits into fewer lines.',
  '110-logs-first-import-running':
    'Left as it is: the page searches what there is, and how far the import is stands in the status bar.',
  '111-import-cancelled': 'Left as it is: what was kept and what was not are two messages, each with its own way on.',
  '112-import-copying':
    'Left as it is: how much is copied is said in numbers and as a bar, and Import waits until it is there.',
  '113-captures-no-key': 'Left as it is: all that needs a key is off, and the message says where one comes from.',

  '201-import-asked':
    'At the smaller size what the capture is was pressed to no height; it keeps its own now, and the labels of all choices look alike.',
  '202-import-asked-settings':
    'What the captures are stays open above the settings, where it had been pressed together; its line ends with the second.',
  '203-import-asked-wrong-configuration':
    'The message said twice that the configuration is wrong; now each of its lines is one problem, with its path.',
  '204-import-asked-nothing-translated':
    'What the captures are is visible above the warnings again; the remedy stays beside what it is for.',
  '205-import-remedy':
    'Left as it is: what the import found and what would help are two messages, the second with its button.',
  '206-import-done': 'Left as it is: one message, its two ways on, and the import on top of the list.',
  '207-import-refused-as-imported':
    'Left as it is: blue and not red, as nothing is wrong, with the log and the way to import it all the same.',
  '208-import-with-losses':
    'Left as it is: the message, the badge in the list and the ledger speak of the same losses.',
  '209-import-ledger-with-losses':
    'Numbers of the ledger broke where they are long; since then each stays on one line.',
  '210-ledger-packets-of-a-reason':
    'The dialog was too narrow for both ends of a packet, and was made wider; twelve packets fit without scrolling.',
  '211-ledger-packets-first-page':
    'The dialog was made wider for both ends of a packet, and its buttons stay in place while the table scrolls.',
  '212-import-nothing-translated':
    'The picture was taken while the import still ran; it waits for its end now, and shows both messages.',
  '213-import-failed': 'Left as it is: the file, the place in it and what to do fit into two lines.',
  '214-import-one-of-several-failed': 'Left as it is: leaving the file out comes first, as the others can go on.',
  '215-import-one-left-out':
    'Left as it is: what was imported comes first, and the file that was left out is named with its reason.',
  '216-captures-recent-imports':
    'Left as it is: a long name is cut in its middle, where both ends tell it apart, and every state has its own mark.',

  '301-logs-entries':
    'Left as it is: columns keep their width, and the marks of the three sides are the same everywhere.',
  '302-logs-narrow-search': 'Left as it is: the query wraps within its box, and the histogram keeps the whole range.',
  '303-logs-statement': 'Left as it is: a result is as wide as its columns, and says of how many entries it is.',
  '304-logs-cell-by-keyboard':
    'Left as it is: the cell has an outline and its row a tint, which both themes tell apart.',
  '305-logs-statement-error':
    'Left as it is: the wrong name is underlined in the query, and the answer before stays, dimmed, with a word of it.',
  '306-logs-search-error': 'Left as it is: the place of the error is marked, in the words of the vendor.',
  '307-logs-nothing-found':
    'Left as it is: it says how much is in the Logstore, and that a missing entry proves nothing.',
  '308-graph-of-nothing': 'Left as it is: an empty graph says the same as an empty table.',
  '309-logs-unfinished-search': 'Left as it is: values and their counts lie below the place where one is written.',
  '310-logs-time-range':
    'Left as it is: ranges to choose stand beside those to write, and the hint says what may be written.',
  '311-logs-time-range-error':
    'The page said it in seconds since 1970, when the fields were gone: the field that is wrong is marked, and nothing is applied.',
  '312-logs-histogram-pointed-at': 'Left as it is: the tip stays within the plot, and does not cover its bar.',
  '313-logs-histogram-brushed': 'Left as it is: the range has two edges, and its tip says which keys act on it.',
  '314-logs-histogram-zoomed':
    'The last time below the bars was cut by the edge of the plot; a time now stands only where all of it fits.',
  '315-logs-value-menu': 'Left as it is: every item has its key, and the menu says whose value it is for.',
  '316-logs-query-running': 'Left as it is: Cancel takes the place of Run, and the answer before is dimmed.',
  '317-logs-query-cancelled': 'Left as it is: a word says that it was cancelled, and which answer is still shown.',
  '318-logs-packets-saved': 'Left as it is: the message lies over no control, and stays while it is pointed at.',
  '319-logs-packets-opened': 'Left as it is: it says why no program was started, and where the file is instead.',
  '320-logs-without-index': 'Left as it is: the one thing to do is the one button that is filled.',
  '321-index-recommended': 'Left as it is: the table scrolls within the dialog, and what will change is said below it.',
  '322-index-wrong': 'The problems of an index were fragments in a row; since then each is a sentence of its own.',
  '323-index-json': 'Left as it is: the same index as text, with the same changes below it.',
  '324-index-unchanged': 'Left as it is: Save is off, and a sentence says that nothing is changed.',
  '325-index-delete': 'Left as it is: it says what stays, and the button says what it does.',

  '401-raw-lines':
    'Left as it is: the names of fields are one colour, values another, and the cell that has the focus an outline.',
  '402-raw-json': 'Left as it is: the entry that was chosen stays chosen in another view.',
  '403-raw-columns': 'Left as it is: the list scrolls, and its keys are said below it.',
  '404-raw-columns-hidden':
    'Left as it is: the button counts the columns, so that a missing one is not taken for missing data.',
  '405-context': 'Left as it is: places before and after are numbers with a sign, and the entry itself is marked.',
  '406-context-with-entry': 'Left as it is: the panel lies over the table, and what it is of stays chosen there.',
  '407-raw-wrapped': 'Left as it is: a long message takes the lines that it needs, and the next row begins below it.',
  '408-raw-json-wrapped': 'Left as it is: wrapped lines of a value are not taken for lines of the JSON.',
  '409-saved-none': 'Left as it is: it says what saving keeps, and the way to it stands below.',
  '410-saved-save': 'Left as it is: each variable has its default, and a sentence says when it is used.',
  '411-saved-variable-without-value':
    'Left as it is: the variable is underlined in the query, and its field has the focus.',
  '412-saved-changed':
    '“Changed, not saved” broke into two lines beside a long name, off its line; it stays whole on one line, and the name is cut.',
  '413-saved-list': 'Left as it is: the one that is open has a mark, and its query is cut before its name is.',
  '414-saved-rename': 'Left as it is: a long name has room in the title, and in the field.',
  '415-saved-delete':
    'The button repeated a long name and filled the dialog; it says “Delete search” now, as the other dialogs do.',

  '501-graph': 'Left as it is: both colours are told apart in both themes, and a sentence says the most and when.',
  '502-graph-as-table': 'Left as it is: columns have the marks of their sides, and numbers end in line.',
  '503-ledger': 'Numbers of the ledger broke where they are long; since then each stays on one line.',
  '504-logs-with-losses': 'Left as it is: what is missing is a word beside the count, with the way to the ledger.',
  '505-ledger-with-losses': 'Left as it is: warnings come before the numbers, and the reason stands below its name.',
  '506-ledger-facts-without-digest': 'Left as it is: it says what computing costs, and the button stands beside it.',
  '507-ledger-facts-digest-failed': 'Left as it is: the reason names the file, and the button tries again.',
  '508-ledger-facts-with-digest': 'The clock of an interface was written 10^-9 s, and is 1 ns now.',
  '509-ledger-facts-hosts': 'Left as it is: the hosts with most packets are named, and the others counted.',
  '510-ledger-storage-in-a-day':
    'The title lost its end to a fraction of a pixel, though the remark beside it was to give way; it stays whole now.',

  '601-logs-many-entries':
    'Left as it is: large counts fit beside the axis, and one bar is no reason for another layout.',
  '602-export-choices': 'Left as it is: what a spreadsheet would do to the file is said before it is written.',
  '603-export-choices-xlsx': 'Left as it is: only what holds for this format is said.',
  '604-export-choices-parquet': 'Left as it is: choices that the format does not have are gone, not dimmed.',
  '605-export-running': 'Left as it is: going on in the background is the first choice, cancelling the second.',
  '606-logs-export-running': 'Left as it is: how far it is fits into the head of the page at the smaller size.',
  '607-logs-export-done': 'Left as it is: the message lies over no control, and stays while it is pointed at.',
  '608-export-failed': 'Left as it is: a long path breaks within the message, and all choices are still made.',
  '609-export-done': 'Left as it is: the name of the file, its size, and where its description is.',
  '610-load-session-logs':
    'Labels of Project and Logstore were lighter than those of other choices; they look alike now.',
  '611-load-new-logstore': 'Labels look alike now; what is missing is said below the field, and Load is off.',
  '612-load-fields': 'Labels look alike now; the table of fields scrolls within the dialog.',
  '613-load-done-with-bad-lines': 'Left as it is: lines that were kept aside are counted, and shown by a button.',
  '614-load-bad-lines': 'Left as it is: each line with its place, its reason and its text.',
  '615-load-repeated': 'Left as it is: nothing is loaded twice unless somebody says so, and the first message stays.',
  '616-load-running': 'Left as it is: bytes and entries are counted, and a sentence says what cancelling keeps.',
  '617-load-cancelled': 'Left as it is: it says that nothing is kept, and leads back to the same choices.',

  '701-who-no-log':
    'It said to open a log first and had no way to do so; the button is there now, as on the page of logs.',
  '702-who-nothing-asked': 'Left as it is: all fields fit into one line at the smaller size, with an example in each.',
  '703-who-question-refused': 'Left as it is: each reason stands below its field, and the first has the focus.',
  '704-who-answered': 'In a narrow panel the icon of a note stood above its text; it stands beside it now.',
  '705-who-nobody':
    'With no host the reasons stood alone at the right of an empty column; they take the whole width now.',
  '706-who-time-refused':
    'The answer before is grey below the reason, and without hosts takes the whole width as well.',
  '707-who-complaints': 'Left as it is: the example shows a mail, and the hint says how many may be asked at once.',
  '708-who-complaints-answered':
    'Remarks were sentences and fragments with dots between them; all of them are sentences now, and the table scrolls.',

  '801-gateways-first-start':
    'Left as it is: the built-in gateway is marked, and what is off says that a VPC comes first.',
  '802-gateways-create-vpc-refused':
    'The reason spoke of “cidrBlock”, where the field is called CIDR block; now it does so too.',
  '803-gateways-create-gateway':
    'Left as it is: what belongs together stands in pairs, and only the fields of its type are there.',
  '804-gateways-list':
    'Buttons in the column of actions began to the right of its head; their labels are in line with it now.',
  '805-gateways-delete': 'Left as it is: it says what stays, and keeping has the focus.',
  '806-gateway-basic': 'Left as it is: facts and quotas stand side by side at both sizes.',
  '807-gateway-eips':
    'Buttons in the column of actions began to the right of its head; their labels are in line with it now.',
  '808-gateway-create-snat': 'Left as it is: the field that the scope needs appears in its place.',
  '809-gateway-snat':
    'Buttons in the column of actions began to the right of its head; their labels are in line with it now.',
  '810-session-log-not-enabled': 'Left as it is: it says what enabling does, and that it costs no throughput.',
  '811-session-log-enable': 'Left as it is: project and Logstore are asked for in the same way, one below the other.',
  '812-session-log-enable-refused': 'Left as it is: the rule of the name stands below the field, and Enable is off.',
  '813-session-log-without-index':
    'Left as it is: the badge and the message say the same, and the button is the way out.',
  '814-session-log-enabled': 'Left as it is: all columns of the console fit into one row at the smaller size.',
  '815-session-log-change':
    'Left as it is: the destination of now is chosen, and only projects of its region are offered.',
  '816-session-log-stop': 'Left as it is: it says what is not deleted, and keeping it on has the focus.',
  '817-session-log-stopped':
    'The long button pressed the destination into two lines; it says Enable now, in one word as its neighbours do.',
  '818-deliveries': 'Left as it is: lanes without a fault are quiet, and the equation below counts every entry.',
  '819-deliveries-attempts': 'Left as it is: results have the badges of the status above, and numbers end in line.',
  '820-storage-in-a-day':
    'Fields grew with their labels, and are as wide as their columns since; the frame of the window no longer scrolls with it.',
  '821-deliveries-failed':
    'Left as it is: failing and being off differ by a pattern as well, and the reason says until when.',
  '822-deliveries-fault': 'Left as it is: the two times stand in a pair, with what may be written below them.',
  '823-deliveries-script-refused':
    'The message said twice that the script is invalid; below its title is only what is wrong, with its path.',
  '824-deliveries-lost': 'Left as it is: the number of what was lost leads to the windows of which it was.',
  '825-logs-with-lost-windows':
    'Left as it is: the hatching is behind the bars, and the tip says that the window is incomplete.',
  '826-replay-asked': 'What the capture is was pressed to no height at the smaller size; it keeps its own now.',
  '827-replay-running': 'Left as it is: the controls are small, and the same stand in the status bar of every page.',
  '828-replay-paused': 'It said Playing while it was paused, in its panel and in the status bar; both say Paused now.',
  '829-logs-while-replayed':
    'It asked for a capture while one was played; it says now that entries come with each of its windows.',
  '830-import-through-several': 'One could take all or none, and was told of none what it would translate.',
  '831-import-through-others': 'It named the command; the button does it here.',
  '832-imported-through-several': 'It told of the first gateway alone, as if that had been all.',

  '901-logs-engine-down': 'Left as it is: the answer stays readable, and the message has the way out.',
  '902-captures-engine-down': 'Left as it is: the message says what is lost and what is not.',
  '903-captures-host-lost': 'Left as it is: it is a warning and no error, as it is tried again by itself.',
  '904-palette': 'Left as it is: what cannot be done now is dimmed, with its reason in the place of its key.',
  '905-palette-searched': 'Left as it is: groups are quieter than what they hold, and the count stands below.',
  '906-palette-nothing-found': 'Left as it is: it repeats what was typed, and grows no higher than that.',
  '907-shortcuts': 'Left as it is: two columns fit at the smaller size, and keys look as they do elsewhere.',
  '908-settings': 'Left as it is: each choice stands in line with its name, no wider than it can be read.',
  '909-about': 'Left as it is: versions are facts in a list, to be copied by one button.',
  '991-readme-logs': 'Left as it is: a search, its histogram with a chosen range, and its entries in one picture.',
  '992-readme-ledger':
    'What the capture is stays folded, since it names a folder of the machine that takes the picture.',
} as const;

export type StateName = keyof typeof GALLERY_NOTES;
