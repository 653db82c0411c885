// Each test has an app of its own, in one process or several; a few at a time is what two cores carry.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
