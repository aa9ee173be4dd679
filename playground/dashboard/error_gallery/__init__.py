"""Every error of Invoke, each with a way to make it happen and a look at it as the SDK sees it."""
