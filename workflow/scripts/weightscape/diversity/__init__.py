"""How diverse a training set is: Vendi scores of its pixels and of a frozen encoder's features."""
