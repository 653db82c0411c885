// Environments are processes; a few at a time is what two cores carry.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
